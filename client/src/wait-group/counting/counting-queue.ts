// Which calls are written together: those for one group that are made while a write is in flight share the next one.
import type { OperationRecord, WaitGroup } from '@konductor/schema';
import type { CallOptions } from '../call-options.ts';
import { CountingBatch, randomId } from './counting-batch.ts';
import type { Counted, CounterChange, CountOptions } from './counting-call.ts';
import { type CountingApi, CountingOperation } from './counting-operation.ts';
import { type FailureReport, newFailure } from './failure-report.ts';

/** The result of a call of `set`. */
export interface CounterSet {
  readonly group: WaitGroup;
  /** The change that was recorded; absent when the counter had the value already. */
  readonly operation: OperationRecord | undefined;
}

export interface CountingOptions {
  readonly namespace: string;
  /** Name of the client, for people who read the status. */
  readonly by: string;
  /** Uniform in [0, 1); for tests. */
  readonly random?: () => number;
}

export class Counting {
  readonly #api: CountingApi;
  readonly #options: CountingOptions;
  /** The batches of each group that are not sent yet; the last one still accepts calls. */
  readonly #queues = new Map<string, CountingBatch[]>();

  constructor(api: CountingApi, options: CountingOptions) {
    this.#api = api;
    this.#options = options;
  }

  /**
   * Changes the counter exactly once, and resolves with the group as written.
   * Errors: CounterRejectedError, WaitGroupNotFoundError, TimedOutError (nothing was written), UnknownOutcomeError,
   * AbortedError, and the API server's rejections.
   */
  count(name: string, change: CounterChange, options: CountOptions): Promise<Counted> {
    const queue = this.#queues.get(name) ?? this.#startQueue(name);
    const last = queue.at(-1);
    if (last?.accepts(change, options)) return last.join(change, options);
    const { namespace, by } = this.#options;
    const batch = new CountingBatch({ namespace, name }, by, options);
    queue.push(batch);
    return batch.join(change, options);
  }

  /** Fails the present round in the write that changes the counter; written alone. Errors: also TypeError. */
  async fail(
    name: string,
    { delta, ...report }: FailureReport & { readonly delta: number },
    options: CountOptions,
  ): Promise<Counted> {
    if (delta > 0) throw new TypeError('the delta of a failure must not be negative');
    const failure = newFailure(report, this.#options.by);
    const { operationId = randomId() } = options;
    return this.count(name, { delta, failure }, { ...options, operationId });
  }

  /** Sets the counter, whatever it was; written alone. */
  async set(name: string, counter: number, options: CallOptions): Promise<CounterSet> {
    const operationId = randomId();
    const { group } = await this.count(name, { counter }, { ...options, operationId });
    return { group, operation: group.status?.recentOperations?.find(({ id }) => id === operationId) };
  }

  #startQueue(name: string): CountingBatch[] {
    const queue: CountingBatch[] = [];
    this.#queues.set(name, queue);
    void this.#drain(name, queue);
    return queue;
  }

  async #drain(name: string, queue: CountingBatch[]): Promise<void> {
    // Lets the calls that are made in the same turn of the event loop share the first write.
    await Promise.resolve();
    for (let batch = queue.shift(); batch; batch = queue.shift())
      await new CountingOperation(this.#api, batch, this.#options.random).run();
    this.#queues.delete(name);
  }
}
