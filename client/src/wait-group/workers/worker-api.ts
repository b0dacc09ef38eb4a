// The REST paths and bodies of the records of workers: one method for each request, no retries, no rules.
import {
  API_GROUP_VERSION,
  parseWaitGroupWorker,
  type WaitGroupWorker,
  type WaitGroupWorkerSpec,
  waitGroupNames,
  workerNames,
  workerRecordName,
} from '@konductor/schema';
import { NotFoundError, UnavailableError } from '../../core/errors.ts';
import { listAll } from '../../kubernetes/list.ts';
import { resourcePath } from '../../kubernetes/resource-path.ts';
import type { KubeTransport } from '../../transport/transport.ts';
import type { RequestOptions } from '../wait-group-api.ts';
import { ForeignRecordError } from '../wait-group-errors.ts';

/** The group that a record counts in. */
export interface GroupIdentity {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

export class WorkerApi {
  readonly #transport: KubeTransport;
  readonly #fieldManager: string;

  constructor(transport: KubeTransport, fieldManager: string) {
    this.#transport = transport;
    this.#fieldManager = fieldManager;
  }

  /** A quorum read; undefined if there is no record. ForeignRecordError if another WaitGroup has one of that name. */
  async get(group: GroupIdentity, worker: string, { signal }: RequestOptions): Promise<WaitGroupWorker | undefined> {
    const path = workersPath(group.namespace, workerRecordName(group, worker));
    try {
      const record = parseWaitGroupWorker(await this.#transport.request({ method: 'GET', path, signal }));
      if (record.spec.waitGroupUid !== group.uid) throw new ForeignRecordError(group, record);
      return record;
    } catch (error) {
      if (error instanceof NotFoundError) return undefined;
      throw error;
    }
  }

  /** The records of all groups that had the name. */
  async list(namespace: string, waitGroup: string, { signal }: RequestOptions): Promise<WaitGroupWorker[]> {
    const query = { fieldSelector: `spec.waitGroup=${waitGroup}` };
    const { items } = await listAll<WaitGroupWorker>(this.#transport, { path: workersPath(namespace), query, signal });
    return items.map(parseWaitGroupWorker);
  }

  /** AlreadyExistsError if there is a record. */
  async create(group: GroupIdentity, spec: WaitGroupWorkerSpec, { signal }: RequestOptions): Promise<WaitGroupWorker> {
    const { namespace, name, uid } = group;
    const owner = { apiVersion: API_GROUP_VERSION, kind: waitGroupNames.kind, name, uid };
    const metadata = { name: workerRecordName(group, spec.worker), namespace, ownerReferences: [owner] };
    const body = { apiVersion: API_GROUP_VERSION, kind: workerNames.kind, metadata, spec };
    const [path, query] = [workersPath(namespace), this.#writeQuery];
    return parseWritten(await this.#transport.request({ method: 'POST', path, query, body, signal }));
  }

  /** Writes the spec on the record as it was read: ConflictError if anything has changed since, NotFoundError if it is gone. */
  async patch(
    { metadata, spec: before }: WaitGroupWorker,
    spec: WaitGroupWorkerSpec,
    { signal }: RequestOptions,
  ): Promise<WaitGroupWorker> {
    const { namespace, name, uid, resourceVersion } = metadata;
    const removed = Object.fromEntries(Object.keys(before).map((field) => [field, null]));
    const body = { metadata: { uid, resourceVersion }, spec: { ...removed, ...spec } };
    const [path, query] = [workersPath(namespace, name), this.#writeQuery];
    const contentType = 'application/merge-patch+json';
    return parseWritten(await this.#transport.request({ method: 'PATCH', path, query, body, contentType, signal }));
  }

  get #writeQuery() {
    return { fieldManager: this.#fieldManager, fieldValidation: 'Strict' };
  }
}

function workersPath(namespace?: string, name?: string): string {
  return resourcePath({ apiVersion: API_GROUP_VERSION, resource: workerNames.plural, namespace, name });
}

/** A success whose response is no record does not come from the API server, so it proves nothing. */
function parseWritten(response: unknown): WaitGroupWorker {
  try {
    return parseWaitGroupWorker(response);
  } catch (cause) {
    throw new UnavailableError('the response is not a WaitGroupWorker', { cause, mayHaveArrived: true });
  }
}
