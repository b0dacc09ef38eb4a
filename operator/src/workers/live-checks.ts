// What the fold asks the API server itself, because a cache may be behind.
import { type KubeTransport, listAll, resourcePath } from '@konductor/client';
import {
  API_GROUP_VERSION,
  type RetiringWorker,
  type WaitGroup,
  type WorkerRecords,
  waitGroupNames,
} from '@konductor/schema';
import { type CachedWorker, type CountedWorker, reduceWorker } from './cached-worker.ts';
import {
  isBeingDeleted,
  isTerminating,
  type LiveObject,
  listJobUids,
  listPodUids,
  PAGE_SIZE,
  readIfExists,
  type Uids,
  workersPath,
} from './live-reads.ts';

interface StoredGroup extends LiveObject {
  readonly status?: { readonly workers?: object };
}

export class LiveChecks {
  readonly #transport: KubeTransport;

  constructor(transport: KubeTransport) {
    this.#transport = transport;
  }

  /** Whether neither the WaitGroup nor its namespace is gone, recreated or being deleted. */
  async isKept(waitGroup: WaitGroup): Promise<boolean> {
    const { namespace = '', uid } = waitGroup.metadata;
    const [group, isVanishing] = await Promise.all([
      this.#stored(waitGroup),
      isTerminating(this.#transport, namespace),
    ]);
    return group?.metadata.uid === uid && !isBeingDeleted(group) && !isVanishing;
  }

  /** Whether workers are counted in the WaitGroup as it is stored. */
  async countsWorkers(waitGroup: WaitGroup): Promise<boolean> {
    return (await this.#stored(waitGroup))?.status?.workers !== undefined;
  }

  /** All records of a WaitGroup, by a quorum read. */
  async recordsOf({ metadata }: WaitGroup): Promise<WorkerRecords> {
    const { namespace, name } = metadata;
    const { items, resourceVersion } = await listAll<CachedWorker>(this.#transport, {
      path: workersPath(namespace),
      query: { fieldSelector: `spec.waitGroup=${name}` },
      transform: reduceWorker,
      pageSize: PAGE_SIZE,
    });
    const records = items.filter((record): record is CountedWorker => record.spec !== undefined);
    return { records, revision: resourceVersion, isQuorumList: true };
  }

  /** The uids of all pods of a namespace, ended ones included. */
  podUids(namespace: string | undefined): Promise<Uids> {
    return listPodUids(this.#transport, namespace);
  }

  /** The uids of all Jobs of a namespace, finished ones included. */
  jobUids(namespace: string | undefined): Promise<Uids> {
    return listJobUids(this.#transport, namespace);
  }

  /** ConflictError if the record is not in this state. */
  async deleteRecord(namespace: string | undefined, { name, uid, resourceVersion }: RetiringWorker): Promise<void> {
    const body = { kind: 'DeleteOptions', apiVersion: 'v1', preconditions: { uid, resourceVersion } };
    await this.#transport.request({ method: 'DELETE', path: workersPath(namespace, name), body });
  }
  #stored({ metadata: { namespace, name } }: WaitGroup): Promise<StoredGroup | undefined> {
    const path = resourcePath({ apiVersion: API_GROUP_VERSION, resource: waitGroupNames.plural, namespace, name });
    return readIfExists(this.#transport, path);
  }
}
