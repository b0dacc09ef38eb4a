// Who counts together: calls for one group that are made while a write is on its way wait, and then share the next one.
import type { OperationRecord, WaitGroup } from '@konductor/schema';
import type { CallOptions } from '../call-options.ts';
import type { WaitGroupApi } from '../wait-group-api.ts';
import { CountingBatch, randomId } from './counting-batch.ts';
import { type CounterChange, CountingCall, type CountOptions } from './counting-call.ts';
import { CountingOperation } from './counting-operation.ts';

/** What became of a call of `set`. */
export interface CounterSet {
  readonly group: WaitGroup;
  /** The change that was recorded; none when the counter was there already. */
  readonly operation: OperationRecord | undefined;
}

export class Counting {
  readonly #api: WaitGroupApi;
  readonly #namespace: string;
  readonly #by: string;
  readonly #queues = new Map<string, CountingCall[]>();

  constructor(api: WaitGroupApi, namespace: string, by: string) {
    this.#api = api;
    this.#namespace = namespace;
    this.#by = by;
  }

  /**
   * Changes the counter exactly once, and resolves with the group as written.
   * Errors: CounterRejectedError, WaitGroupNotFoundError, TimedOutError (nothing was written), UnknownOutcomeError,
   * AbortedError, and what the API server refuses.
   */
  count(name: string, change: CounterChange, options: CountOptions): Promise<WaitGroup> {
    const call = new CountingCall({ namespace: this.#namespace, name }, change, options);
    const queue = this.#queues.get(name);
    if (queue) queue.push(call);
    else this.#startQueue(name, [call]);
    return call.promise;
  }

  /** The same for a change whose size depends on what the counter is; written alone. */
  async set(name: string, counter: number, options: CallOptions): Promise<CounterSet> {
    const operationId = randomId();
    const group = await this.count(name, { counter }, { ...options, operationId });
    return { group, operation: group.status?.recentOperations?.find(({ id }) => id === operationId) };
  }

  #startQueue(name: string, queue: CountingCall[]): void {
    this.#queues.set(name, queue);
    void this.#drain(name, queue);
  }

  async #drain(name: string, queue: CountingCall[]): Promise<void> {
    // Lets the calls that are made in the same turn of the event loop share the first write.
    await Promise.resolve();
    while (queue.length > 0) {
      const group = { namespace: this.#namespace, name };
      const batch = new CountingBatch(group, takeBatch(queue));
      await new CountingOperation(this.#api, group, this.#by, batch).run();
    }
    this.#queues.delete(name);
  }
}

/** The calls that share the next write; one that brings its own operation id, or means one group only, is written alone. */
function takeBatch(queue: CountingCall[]): CountingCall[] {
  const firstAlone = queue.findIndex(({ operationId, uid }) => operationId !== undefined || uid !== undefined);
  return queue.splice(0, firstAlone === -1 ? queue.length : Math.max(firstAlone, 1));
}
