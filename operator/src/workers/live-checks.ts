// What the fold asks the API server itself, because a cache may be behind.
import { type KubeObject, type KubeTransport, listAll, NotFoundError, resourcePath } from '@konductor/client';
import {
  API_GROUP_VERSION,
  type RetiringWorker,
  type WaitGroup,
  type WorkerRecords,
  waitGroupNames,
  workerNames,
} from '@konductor/schema';
import { type CachedWorker, type CountedWorker, reduceWorker } from './cached-worker.ts';

/** A page is held as text and parsed at the same time. */
const PAGE_SIZE = 100;

interface LiveObject {
  readonly metadata: { readonly uid?: string; readonly deletionTimestamp?: string };
  readonly status?: { readonly workers?: object };
}

export class LiveChecks {
  readonly #transport: KubeTransport;

  constructor(transport: KubeTransport) {
    this.#transport = transport;
  }

  /** Whether neither the WaitGroup nor its namespace is gone, recreated or being deleted. */
  async isKept({ metadata }: WaitGroup): Promise<boolean> {
    const { namespace = '', name, uid } = metadata;
    const apiVersion = API_GROUP_VERSION;
    const [group, inNamespace] = await Promise.all([
      this.#get(resourcePath({ apiVersion, resource: waitGroupNames.plural, namespace, name })),
      this.#get(resourcePath({ apiVersion: 'v1', resource: 'namespaces', name: namespace })),
    ]);
    return group?.metadata.uid === uid && !isBeingDeleted(group) && !isBeingDeleted(inNamespace);
  }

  /** Whether workers are counted in the WaitGroup as it is stored. */
  async countsWorkers({ metadata: { namespace, name } }: WaitGroup): Promise<boolean> {
    const path = resourcePath({ apiVersion: API_GROUP_VERSION, resource: waitGroupNames.plural, namespace, name });
    return (await this.#get(path))?.status?.workers !== undefined;
  }

  /** All records of a WaitGroup, by a quorum read. */
  async recordsOf({ metadata }: WaitGroup): Promise<WorkerRecords> {
    const { namespace, name } = metadata;
    const { items, resourceVersion } = await listAll<CachedWorker>(this.#transport, {
      path: resourcePath({ apiVersion: API_GROUP_VERSION, resource: workerNames.plural, namespace }),
      query: { fieldSelector: `spec.waitGroup=${name}` },
      transform: reduceWorker,
      pageSize: PAGE_SIZE,
    });
    const records = items.filter((record): record is CountedWorker => record.spec !== undefined);
    return { records, revision: resourceVersion, isQuorumList: true };
  }

  /** The uids of all pods of a namespace, ended ones included. */
  async podUids(namespace: string | undefined): Promise<ReadonlySet<string | undefined>> {
    const path = resourcePath({ apiVersion: 'v1', resource: 'pods', namespace });
    const transform = <T extends KubeObject>({ metadata: { name, uid } }: T) => ({ metadata: { name, uid } }) as T;
    const { items } = await listAll(this.#transport, { path, transform, pageSize: PAGE_SIZE });
    return new Set(items.map(({ metadata }) => metadata.uid));
  }

  /** ConflictError if the record is not in this state. */
  async deleteRecord(namespace: string | undefined, { name, uid, resourceVersion }: RetiringWorker): Promise<void> {
    const path = resourcePath({ apiVersion: API_GROUP_VERSION, resource: workerNames.plural, namespace, name });
    const preconditions = { uid, resourceVersion };
    await this.#transport.request({
      method: 'DELETE',
      path,
      body: { kind: 'DeleteOptions', apiVersion: 'v1', preconditions },
    });
  }

  async #get(path: string): Promise<LiveObject | undefined> {
    try {
      return await this.#transport.request<LiveObject>({ method: 'GET', path });
    } catch (error) {
      if (error instanceof NotFoundError) return undefined;
      throw error;
    }
  }
}

function isBeingDeleted(object: LiveObject | undefined): boolean {
  return object === undefined || object.metadata.deletionTimestamp !== undefined;
}
