// The records of workers as an API server keeps them, in memory, with the faults that a test plans.
import { AlreadyExistsError, ConflictError, NotFoundError } from '@konductor/client';
import { API_GROUP_VERSION, type WaitGroupWorker, type WaitGroupWorkerSpec, workerRecordName } from '@konductor/schema';
import type { RecordingApi } from '../../../../client/src/wait-group/workers/record-operation.ts';
import type { GroupIdentity } from '../../../../client/src/wait-group/workers/worker-api.ts';

export type RequestKind = 'get' | 'create' | 'patch';
/** Responds in the API server's place; `carryOut` lets the request take effect. */
export type Fault = (carryOut: () => unknown) => unknown;

export const GROUP: GroupIdentity = { namespace: 'jobs', name: 'batch', uid: '01234567-89ab' };

export class ScriptedRecords implements RecordingApi {
  /** The requests in their order. */
  readonly requests: RequestKind[] = [];
  readonly #stored = new Map<string, WaitGroupWorker>();
  readonly #plans = new Map<RequestKind, Fault[]>();
  #revision = 100;

  /** Each fault is for one request of the kind, in turn; the requests after them succeed. */
  plan(kind: RequestKind, ...faults: Fault[]): this {
    this.#plans.set(kind, faults);
    return this;
  }

  stored(worker: string): WaitGroupWorker | undefined {
    return this.#stored.get(workerRecordName(GROUP, worker));
  }

  remove(worker: string): void {
    this.#stored.delete(workerRecordName(GROUP, worker));
  }

  get(group: GroupIdentity, worker: string): Promise<WaitGroupWorker | undefined> {
    return this.#respond('get', () => this.#stored.get(workerRecordName(group, worker)));
  }

  create(group: GroupIdentity, spec: WaitGroupWorkerSpec): Promise<WaitGroupWorker> {
    const name = workerRecordName(group, spec.worker);
    return this.#respond('create', () => {
      if (this.#stored.has(name)) throw new AlreadyExistsError(409, {});
      return this.store(name, spec);
    });
  }

  patch({ metadata: { name, resourceVersion } }: WaitGroupWorker, spec: WaitGroupWorkerSpec): Promise<WaitGroupWorker> {
    return this.#respond('patch', () => {
      const before = this.#stored.get(name);
      if (!before) throw new NotFoundError(404, { details: { kind: 'waitgroupworkers' } });
      if (before.metadata.resourceVersion !== resourceVersion) throw new ConflictError(409, {});
      return this.store(name, spec);
    });
  }

  store(name: string, spec: WaitGroupWorkerSpec): WaitGroupWorker {
    const metadata = {
      name,
      namespace: GROUP.namespace,
      uid: `uid-of-${name}`,
      resourceVersion: `${++this.#revision}`,
    };
    const record: WaitGroupWorker = { apiVersion: API_GROUP_VERSION, kind: 'WaitGroupWorker', metadata, spec };
    this.#stored.set(name, record);
    return record;
  }

  async #respond<T>(kind: RequestKind, carryOut: () => T): Promise<T> {
    this.requests.push(kind);
    const fault = this.#plans.get(kind)?.shift();
    return (fault ? fault(carryOut) : carryOut()) as T;
  }
}
