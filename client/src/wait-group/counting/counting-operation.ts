// One change of the counter, sent until its outcome is known: read, apply, write on what was read, again after a conflict.
// It leaves the decision what follows a failure to write-state.ts, and what is applied, for which calls, to the batch.
import { findOperation, type WaitGroup, type WaitGroupStatus } from '@konductor/schema';
import { Backoff, MAX_OUTAGE_DELAY_MS } from '../../core/backoff.ts';
import { isTransient, NotFoundError, retryAfterMsOf } from '../../core/errors.ts';
import { sleep } from '../../core/timer.ts';
import { unknownOutcomeError } from '../retry.ts';
import type { WaitGroupApi } from '../wait-group-api.ts';
import { WaitGroupNotFoundError } from '../wait-group-errors.ts';
import { ConflictBackoff } from './conflict-backoff.ts';
import type { CountingBatch } from './counting-batch.ts';
import { PinnedGroup } from './pinned-group.ts';
import { type OpenWrite, type SettlingApi, settleOpen, settleRejected } from './settle.ts';

/** The requests that counting is made of. */
export type CountingApi = SettlingApi & Pick<WaitGroupApi, 'updateStatus'>;

/** In such a delay after a conflict, others could push the write's record off the list (16 writes of 3 ms). */
const LOOK_AFTER_MS = 50;
const FAILURE_BACKOFF = { initialMs: 100, maxMs: MAX_OUTAGE_DELAY_MS };

export class CountingOperation {
  readonly #api: CountingApi;
  readonly #batch: CountingBatch;
  readonly #pinned: PinnedGroup;
  readonly #failures: Backoff;
  readonly #conflicts: ConflictBackoff;

  constructor(api: CountingApi, batch: CountingBatch, random = Math.random) {
    this.#api = api;
    this.#batch = batch;
    this.#pinned = new PinnedGroup(api, batch.group, batch.uid);
    this.#failures = new Backoff({ ...FAILURE_BACKOFF, random });
    this.#conflicts = new ConflictBackoff(random);
  }

  /** Settles every call; never rejects. */
  async run(): Promise<void> {
    const { group, write } = this.#batch;
    if (this.#batch.isAbandoned) return;
    try {
      this.#batch.resolve(await this.#repeatUntilCounted());
    } catch (error) {
      this.#batch.reject(write.isInDoubtAfter(error) ? unknownOutcomeError(group, error) : error);
    }
  }

  async #repeatUntilCounted(): Promise<WaitGroup> {
    for (;;) {
      const { base, counted } = await this.#look();
      if (counted) return counted;
      if (base.metadata.deletionTimestamp) throw this.#deletedError(base);
      const status = this.#batch.applyTo(base, new Date());
      if (!status) return base;
      const written = await this.#send(base, status);
      if (written) return written;
    }
  }

  /** Reads the group, and settles the last write if it was rejected: a copy of it may have landed. */
  async #look(): Promise<{ base: WaitGroup; counted: WaitGroup | undefined }> {
    const { id, signal, write } = this.#batch;
    const base = await this.#insist(() => this.#pinned.read(signal));
    this.#batch.requireOwnRecord(base);
    const { rejectedOn } = write;
    const settle = () => rejectedOn && settleRejected(this.#open(rejectedOn), base);
    const counted = findOperation(base, id) ? base : await settle();
    write.settle();
    return { base, counted };
  }

  /** The group once the write is counted; undefined when the change must be applied to the group as it is then. */
  async #send(base: WaitGroup, status: WaitGroupStatus): Promise<WaitGroup | undefined> {
    const { signal, write } = this.#batch;
    for (;;) {
      write.sendOn(base);
      const sentAt = performance.now();
      try {
        return await this.#api.updateStatus(base, status, { signal });
      } catch (error) {
        switch (write.failWith(error)) {
          case 'settle':
            return this.#settleOpen(base);
          case 'giveWay':
            return this.#giveWay(performance.now() - sentAt);
          case 'reread':
            // What is sent again would carry the same calls, also those that gave up meanwhile.
            return this.#pause(this.#delayAfter(error), this.#batch.remainingMs);
          case 'resend':
            await sleep(this.#delayAfter(error), signal);
            break;
          case 'end':
            throw error instanceof NotFoundError ? this.#deletedError(base) : error;
        }
      }
    }
  }

  /** Another write came first, or an earlier copy of this one. */
  async #settleOpen(base: WaitGroup): Promise<WaitGroup | undefined> {
    this.#failures.reset();
    const counted = await settleOpen(this.#open(base));
    this.#batch.write.settle();
    return counted;
  }

  #giveWay(writeMs: number): Promise<WaitGroup | undefined> {
    this.#failures.reset();
    const { remainingMs } = this.#batch;
    const delayMs = this.#conflicts.next({ attemptMs: this.#pinned.ageMs, writeMs }, remainingMs);
    return this.#pause(delayMs, Math.min(LOOK_AFTER_MS, remainingMs));
  }

  /**
   * Waits before the next attempt. In a delay of `lookAfterMs` or more, a rejected write is looked for first, so that a call
   * that ends meanwhile knows its outcome: the group, if it landed.
   */
  async #pause(delayMs: number, lookAfterMs: number): Promise<WaitGroup | undefined> {
    const { signal, write } = this.#batch;
    if (write.rejectedOn && delayMs >= lookAfterMs) {
      const failure = write.lastFailure;
      const { counted } = await this.#look();
      if (counted) return counted;
      write.lastFailure = failure;
    }
    await sleep(delayMs, signal);
    return undefined;
  }

  #open(base: WaitGroup): OpenWrite {
    const { group, id, signal } = this.#batch;
    return { api: this.#api, group, base, id, signal, insist: this.#insist };
  }

  /** Repeats a request that fails temporarily; throws any other failure. */
  readonly #insist = async <T>(send: () => Promise<T>): Promise<T> => {
    for (;;) {
      try {
        return await send();
      } catch (error) {
        await sleep(this.#delayAfter(error), this.#batch.signal);
      }
    }
  };

  /** How long to wait after a transient failure; throws any other. */
  #delayAfter(error: unknown): number {
    if (!isTransient(error)) throw error;
    this.#batch.write.lastFailure = error;
    const delayMs = this.#failures.next(retryAfterMsOf(error));
    this.#batch.reportRetry(error, delayMs);
    return delayMs;
  }

  #deletedError({ status }: WaitGroup): WaitGroupNotFoundError {
    return new WaitGroupNotFoundError(this.#batch.group, 'deleted', status);
  }
}
