// One change of the counter, sent until its fate is known: read, apply the rule, write on what was read, again on conflict.
// What is known of the write, and who waits for it, are its neighbours'.
import { isRecorded, type WaitGroup, type WaitGroupStatus } from '@konductor/schema';
import { Backoff } from '../../core/backoff.ts';
import { ConflictError, isTransient, NotFoundError, retryAfterMsOf } from '../../core/errors.ts';
import { sleep } from '../../core/timer.ts';
import type { WaitGroupApi } from '../wait-group-api.ts';
import { UnknownOutcomeError, WaitGroupNotFoundError, type WaitGroupReference } from '../wait-group-errors.ts';
import { ConflictBackoff } from './conflict-backoff.ts';
import type { CountingBatch } from './counting-batch.ts';
import type { Carrier } from './counting-call.ts';
import { LastWrite } from './last-write.ts';
import { PinnedGroup } from './pinned-group.ts';
import { type OpenWrite, settleByWatch, settleRefused, unknownOutcome } from './settle.ts';

/** Before the next attempt: a refused write is looked for at once when `delayMs` is longer than `unseenMs`. */
interface Rest {
  readonly delayMs: number;
  readonly unseenMs: number;
}

/** How an attempt ended: the group as written, or what to do before the next one. */
type Attempt = { readonly counted: WaitGroup } | { readonly rest: Rest };

/** In a longer delay after a conflict, others could push the write's record off the list (16 writes of 3 ms). */
const LOOK_AGAIN_MS = 50;
const NO_REST: Attempt = { rest: { delayMs: 0, unseenMs: 0 } };
const FAILURE_BACKOFF = { initialMs: 100, maxMs: 5_000 };

export class CountingOperation implements Carrier {
  lastFailure: Error | undefined;
  hasConflicted = false;
  readonly #api: WaitGroupApi;
  readonly #group: WaitGroupReference;
  readonly #by: string;
  readonly #batch: CountingBatch;
  readonly #pinned: PinnedGroup;
  readonly #failures = new Backoff(FAILURE_BACKOFF);
  readonly #conflicts = new ConflictBackoff();
  readonly #write = new LastWrite();

  constructor(api: WaitGroupApi, group: WaitGroupReference, by: string, batch: CountingBatch) {
    this.#api = api;
    this.#group = group;
    this.#by = by;
    this.#batch = batch;
    this.#pinned = new PinnedGroup(api, group, batch.uid);
    batch.board(this);
  }

  get isInDoubt(): boolean {
    return !this.#write.isSettled;
  }

  /** Settles every call; never rejects. */
  async run(): Promise<void> {
    if (this.#batch.isAbandoned) return;
    try {
      this.#batch.resolve(await this.#repeatUntilCounted());
    } catch (error) {
      this.#batch.reject(this.#isInDoubtAfter(error) ? unknownOutcome(this.#group, error) : error);
    }
  }

  #isInDoubtAfter(error: unknown): boolean {
    if (error instanceof UnknownOutcomeError) return false;
    // With the group gone, nobody asks any more which copy a conflict answered.
    return this.#write.isOpen || (this.isInDoubt && !(error instanceof WaitGroupNotFoundError));
  }

  onCallSettled(): void {
    this.#batch.onCallSettled();
  }

  async #repeatUntilCounted(): Promise<WaitGroup> {
    for (;;) {
      const { base, counted } = await this.#look();
      if (counted) return counted;
      if (base.metadata.deletionTimestamp) throw new WaitGroupNotFoundError(this.#group, 'deleted', base.status);
      const attempt = await this.#attempt(base);
      if ('counted' in attempt) return attempt.counted;
      const seen = await this.#rest(attempt.rest);
      if (seen) return seen;
    }
  }

  /** Reads the group, and settles the last write if it was refused: a copy of it may have landed. */
  async #look(): Promise<{ base: WaitGroup; counted: WaitGroup | undefined }> {
    const base = await this.#read();
    this.#batch.requireOwnRecord(base);
    const counted = isRecorded(base, this.#batch.id) ? base : await this.#settleRefused(base);
    return { base, counted: this.#settled(counted) };
  }

  async #settleRefused(now: WaitGroup): Promise<WaitGroup | undefined> {
    const { refusedOn } = this.#write;
    return refusedOn && settleRefused(this.#api, this.#open(refusedOn), now, this.#pause);
  }

  async #read(): Promise<WaitGroup> {
    for (;;) {
      try {
        const base = await this.#pinned.read(this.#batch.signal);
        this.lastFailure = undefined;
        return base;
      } catch (error) {
        await this.#pause(error);
      }
    }
  }

  async #attempt(base: WaitGroup): Promise<Attempt> {
    const status = this.#batch.applyTo(base, this.#by);
    return status ? this.#send(base, status) : { counted: base };
  }

  async #send(base: WaitGroup, status: WaitGroupStatus): Promise<Attempt> {
    for (;;) {
      const wasOpen = this.#write.sendOn(base);
      try {
        return { counted: this.#settled(await this.#api.updateStatus(base, status, { signal: this.#batch.signal })) };
      } catch (error) {
        this.#write.failWith(error, wasOpen);
        if (error instanceof ConflictError) return this.#conflicted(base);
        if (error instanceof NotFoundError && !wasOpen)
          throw new WaitGroupNotFoundError(this.#group, 'deleted', base.status);
        const delayMs = this.#delayAfter(error);
        // What is sent again carries the same calls, also those that gave up meanwhile and were told that nothing changed.
        if (!this.#write.isOpen) return { rest: { delayMs, unseenMs: this.#batch.remainingMs } };
        await sleep(delayMs, this.#batch.signal);
      }
    }
  }

  /** Another write came first, or the own one was sent before and had landed. */
  async #conflicted(base: WaitGroup): Promise<Attempt> {
    this.hasConflicted = true;
    this.#failures.reset();
    if (this.#write.isOpen) {
      const counted = this.#settled(await settleByWatch(this.#api, this.#open(base), this.#pause));
      return counted ? { counted } : NO_REST;
    }
    this.lastFailure = undefined;
    const { remainingMs } = this.#batch;
    const delayMs = this.#conflicts.next(this.#pinned.ageMs, remainingMs);
    return { rest: { delayMs, unseenMs: Math.min(LOOK_AGAIN_MS, remainingMs) } };
  }

  /** The group, if a look shows that the refused write was counted; a call that ends meanwhile can then be told the truth. */
  async #rest({ delayMs, unseenMs }: Rest): Promise<WaitGroup | undefined> {
    if (this.#write.refusedOn && delayMs > unseenMs) {
      const failure = this.lastFailure;
      const { counted } = await this.#look();
      if (counted) return counted;
      this.lastFailure = failure;
    }
    await sleep(delayMs, this.#batch.signal);
    return undefined;
  }

  #settled<T>(outcome: T): T {
    this.#write.settle();
    this.lastFailure = undefined;
    return outcome;
  }

  #open(base: WaitGroup): OpenWrite {
    const { id, signal } = this.#batch;
    return { group: this.#group, base, id, signal };
  }

  readonly #pause = (error: unknown): Promise<void> => sleep(this.#delayAfter(error), this.#batch.signal);

  /** How long to wait after a failure that passes by itself. After any other: throws. */
  #delayAfter(error: unknown): number {
    if (!isTransient(error)) throw error;
    this.lastFailure = error;
    const delayMs = this.#failures.next(retryAfterMsOf(error));
    this.#batch.reportRetry(error, delayMs);
    return delayMs;
  }
}
