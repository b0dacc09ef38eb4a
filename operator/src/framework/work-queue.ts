// A queue of keys with the contract of client-go's: a key that is added while it waits is processed once, a key that is
// added while it is processed is processed again, and two runs of one key never overlap. A failed key is requeued with
// backoff, or after the delay that its handler asks for.
import { Backoff, type BackoffOptions, retryAfterMsOf, startTimer } from '@konductor/client';

export interface WorkQueueOptions {
  /** A rejection requeues the key with backoff. */
  readonly process: (key: string) => Promise<void> | Promise<Requeue>;
  /** How many keys are processed at once. */
  readonly concurrency: number;
  readonly backoff?: BackoffOptions;
  readonly observer?: WorkQueueObserver;
}

/** The result of a successful run, like controller-runtime's Result. */
export interface Requeue {
  /** Requeues the key after this delay, of any length; absent: only when it is added. */
  readonly requeueAfterMs?: number | undefined;
}

/** Called for metrics and logs. Durations are in seconds. */
export interface WorkQueueObserver {
  onAdd?(): void;
  onStart?(queuedSeconds: number, key: string): void;
  onSuccess?(result: Requeue): void;
  onDone?(workSeconds: number, key: string): void;
  onRetry?(key: string, error: unknown, delayMs: number): void;
}

/** As in client-go's queues. */
const FIRST_DELAY_MS = 5;
/** The longest delay of a failed key: nothing reports that its cause is gone. */
const MAX_DELAY_MS = 3_000;
/** The more keys fail, the longer: however many, they are retried about 20 times a second together, as client-go allows. */
const MAX_DELAY_PER_FAILED_KEY_MS = 100;

interface Timer {
  readonly dueAt: number;
  readonly cancel: () => void;
}

export class WorkQueue {
  readonly #options: WorkQueueOptions;
  /** The waiting keys, with the time when they were added. */
  readonly #waiting = new Map<string, number>();
  readonly #running = new Map<string, Promise<void>>();
  readonly #addedWhileRunning = new Set<string>();
  readonly #timers = new Map<string, Timer>();
  /** Of the keys whose last run failed. */
  readonly #backoffs = new Map<string, Backoff>();
  /** The keys that have failed for seconds: when one of them succeeds, what blocked it may be gone for all. */
  readonly #stuck = new Set<string>();
  /** With full jitter: keys that failed together are not retried together. */
  readonly #backoffOptions: BackoffOptions;
  #isStopped = false;

  constructor(options: WorkQueueOptions) {
    this.#options = options;
    const failed = this.#backoffs;
    this.#backoffOptions = options.backoff ?? {
      initialMs: FIRST_DELAY_MS,
      get maxMs() {
        return Math.max(MAX_DELAY_MS, failed.size * MAX_DELAY_PER_FAILED_KEY_MS);
      },
    };
  }

  get depth(): number {
    return this.#waiting.size;
  }

  get activeWorkers(): number {
    return this.#running.size;
  }

  add(key: string): void {
    if (this.#isStopped || this.#waiting.has(key)) return;
    if (this.#running.has(key)) this.#addedWhileRunning.add(key);
    else this.#enqueue(key);
  }

  /** Adds the key after a delay of any length; the earliest of several delays for one key counts. */
  addAfter(key: string, delayMs: number): void {
    if (this.#isStopped) return;
    const dueAt = performance.now() + delayMs;
    const timer = this.#timers.get(key);
    if (timer && timer.dueAt <= dueAt) return;
    timer?.cancel();
    const cancel = startTimer(delayMs, () => {
      this.#timers.delete(key);
      this.add(key);
    });
    this.#timers.set(key, { dueAt, cancel });
  }

  /** Adds all keys whose last run failed without waiting for their backoff: the cause may be gone. */
  retryFailed(): void {
    for (const key of this.#backoffs.keys()) {
      this.#cancelTimer(key);
      this.add(key);
    }
  }

  /** Drops the backoff and the delay of a key that will not be added again. */
  forget(key: string): void {
    this.#backoffs.delete(key);
    this.#stuck.delete(key);
    this.#cancelTimer(key);
  }

  /** Accepts no more keys, drops the delayed ones and resolves when the waiting and running keys have been processed. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const { cancel } of this.#timers.values()) cancel();
    this.#timers.clear();
    while (this.#running.size > 0) await Promise.all(this.#running.values());
  }

  #cancelTimer(key: string): void {
    this.#timers.get(key)?.cancel();
    this.#timers.delete(key);
  }

  #enqueue(key: string): void {
    this.#options.observer?.onAdd?.();
    this.#waiting.set(key, performance.now());
    this.#startWorkers();
  }

  #startWorkers(): void {
    for (const [key, addedAt] of this.#waiting) {
      if (this.#running.size >= this.#options.concurrency) return;
      this.#waiting.delete(key);
      this.#options.observer?.onStart?.((performance.now() - addedAt) / 1000, key);
      this.#running.set(key, this.#run(key));
    }
  }

  async #run(key: string): Promise<void> {
    // Never run synchronously inside add(): its caller is not finished.
    await Promise.resolve();
    const startedAt = performance.now();
    try {
      const result = (await this.#options.process(key)) ?? {};
      this.#recover(key);
      this.#options.observer?.onSuccess?.(result);
      if (result.requeueAfterMs !== undefined) this.addAfter(key, result.requeueAfterMs);
    } catch (error) {
      this.#retry(key, error);
    }
    this.#options.observer?.onDone?.((performance.now() - startedAt) / 1000, key);
    this.#running.delete(key);
    if (this.#addedWhileRunning.delete(key)) this.#enqueue(key);
    else this.#startWorkers();
  }

  #recover(key: string): void {
    this.#backoffs.delete(key);
    if (!this.#stuck.has(key)) return;
    this.#stuck.clear();
    this.retryFailed();
  }

  #retry(key: string, error: unknown): void {
    const backoff = this.#backoffs.get(key) ?? new Backoff(this.#backoffOptions);
    this.#backoffs.set(key, backoff);
    const delayMs = backoff.next(retryAfterMsOf(error));
    if (backoff.ceilingMs >= MAX_DELAY_MS) this.#stuck.add(key);
    this.#options.observer?.onRetry?.(key, error, delayMs);
    this.addAfter(key, delayMs);
  }
}
