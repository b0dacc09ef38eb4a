// Who counts together: calls for one group that are made while a write is on its way wait, and then share the next one.
import type { WaitGroup } from '@konductor/schema';
import { CountingCall, type CountOptions } from './counting-call.ts';
import { CountingOperation } from './counting-operation.ts';
import type { WaitGroupApi } from './wait-group-api.ts';

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
   * Changes the counter by `delta`, exactly once, and resolves with the group as written.
   * Errors: CounterRejectedError, WaitGroupNotFoundError, TimedOutError (nothing was written), UnknownOutcomeError,
   * AbortedError, and what the API server refuses.
   */
  count(name: string, delta: number, options: CountOptions): Promise<WaitGroup> {
    const call = new CountingCall({ namespace: this.#namespace, name }, delta, options);
    const queue = this.#queues.get(name);
    if (queue) queue.push(call);
    else this.#startQueue(name, [call]);
    return call.promise;
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
      await new CountingOperation(this.#api, group, this.#by, takeBatch(queue)).run();
    }
    this.#queues.delete(name);
  }
}

/** The calls that share the next write; one that brings its own operation id is written alone. */
function takeBatch(queue: CountingCall[]): CountingCall[] {
  const firstNamed = queue.findIndex(({ operationId }) => operationId !== undefined);
  return queue.splice(0, firstNamed === -1 ? queue.length : Math.max(firstNamed, 1));
}
