// What the fold asks the API server itself, because a cache may be behind.
import { type KubeTransport, listAll, NotFoundError, resourcePath } from '@konductor/client';
import { API_GROUP_VERSION, type WaitGroup, type WorkerRecords, waitGroupNames, workerNames } from '@konductor/schema';
import { type CachedWorker, type CountedWorker, reduceWorker } from './cached-worker.ts';

interface LiveObject {
  readonly metadata: { readonly uid?: string; readonly deletionTimestamp?: string };
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

  /** All records of a WaitGroup, by a quorum read. */
  async recordsOf({ metadata }: WaitGroup): Promise<WorkerRecords> {
    const { namespace, name } = metadata;
    const { items, resourceVersion } = await listAll<CachedWorker>(this.#transport, {
      path: resourcePath({ apiVersion: API_GROUP_VERSION, resource: workerNames.plural, namespace }),
      query: { fieldSelector: `spec.waitGroup=${name}` },
      transform: reduceWorker,
    });
    const records = items.filter((record): record is CountedWorker => record.spec !== undefined);
    return { records, revision: resourceVersion, isQuorumList: true };
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
