// A queue of keys, as in client-go: a key that is added while it waits is processed once, one that is added while it is
// processed is processed again, and two runs of one key never overlap. A failed key comes back with backoff, one that asks
// for it after a delay.
import { Backoff, type BackoffOptions, retryAfterMsOf, startTimer } from '@konductor/client';

export interface WorkQueueOptions {
  /** A rejection means: again, after a backoff. */
  readonly process: (key: string) => Promise<void> | Promise<Requeue>;
  /** How many keys are processed at once. */
  readonly concurrency: number;
  readonly backoff?: BackoffOptions;
  readonly observer?: WorkQueueObserver;
}

/** What became of a key that was processed well, as controller-runtime's Result. */
export interface Requeue {
  /** Process it again after this delay, of any length; absent: when it is added. */
  readonly requeueAfterMs?: number | undefined;
}

/** What metrics and logs are made of. Durations are in seconds. */
export interface WorkQueueObserver {
  onAdd?(): void;
  onStart?(queuedSeconds: number, key: string): void;
  onSuccess?(result: Requeue): void;
  onDone?(workSeconds: number, key: string): void;
  onRetry?(key: string, error: unknown, delayMs: number): void;
}

/** As client-go's queues have it, with full jitter: what failed together does not come back together. */
const BACKOFF: BackoffOptions = { initialMs: 5, maxMs: 1_000_000 };

interface Timer {
  readonly dueAt: number;
  readonly cancel: () => void;
}

export class WorkQueue {
  readonly #options: WorkQueueOptions;
  /** Keys that wait, with the moment when they began to. */
  readonly #waiting = new Map<string, number>();
  readonly #running = new Map<string, Promise<void>>();
  readonly #addedWhileRunning = new Set<string>();
  readonly #timers = new Map<string, Timer>();
  readonly #backoffs = new Map<string, Backoff>();
  #isStopped = false;

  constructor(options: WorkQueueOptions) {
    this.#options = options;
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

  /** Adds the key after a delay of any length; of several delays for one key the earliest counts. */
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

  /** Adds all keys whose last run failed, however long their backoff still is: what they failed at may be over. */
  retryFailed(): void {
    for (const key of this.#backoffs.keys()) {
      this.#cancelTimer(key);
      this.add(key);
    }
  }

  /** Drops what is remembered of a key that will not come again. */
  forget(key: string): void {
    this.#backoffs.delete(key);
    this.#cancelTimer(key);
  }

  /** Takes no more keys, drops the delayed ones and resolves when those that wait or run are through, once each. */
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
    // Never synchronously inside add(): its caller is in the middle of something.
    await Promise.resolve();
    const startedAt = performance.now();
    try {
      const result = (await this.#options.process(key)) ?? {};
      this.#backoffs.delete(key);
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

  #retry(key: string, error: unknown): void {
    const backoff = this.#backoffs.get(key) ?? new Backoff(this.#options.backoff ?? BACKOFF);
    this.#backoffs.set(key, backoff);
    const delayMs = backoff.next(retryAfterMsOf(error));
    this.#options.observer?.onRetry?.(key, error, delayMs);
    this.addAfter(key, delayMs);
  }
}
