// One change of the counter, sent until its fate is known: read, apply the rule, write on what was read, again on conflict.
// A write is conditional on its base, so it takes effect at most once however often it is sent.
import { applyOperation, type CounterStep, isRecorded, type WaitGroup, type WaitGroupStatus } from '@konductor/schema';
import { Backoff } from './backoff.ts';
import { ConflictBackoff } from './conflict-backoff.ts';
import type { Carrier, CountingCall } from './counting-call.ts';
import {
  AbortedError,
  ConflictError,
  ForbiddenError,
  isTransient,
  mayHaveArrived,
  NotFoundError,
  TooManyRequestsError,
} from './errors.ts';
import { reachesBackTo } from './history.ts';
import { absence } from './retry.ts';
import { settleByWatch, unknownOutcome } from './settle.ts';
import { sleep } from './timer.ts';
import type { WaitGroupApi } from './wait-group-api.ts';
import {
  CounterRejectedError,
  OperationIdReusedError,
  UnknownOutcomeError,
  WaitGroupNotFoundError,
  type WaitGroupReference,
} from './wait-group-errors.ts';

/**
 * What is known of the last write: `settled`: what became of it, or nothing was sent; `refused`: it was answered with a
 * conflict, which may be the answer to a second copy that a proxy sent; `open`: it was not answered.
 */
type Fate = 'settled' | 'refused' | 'open';

/** What was sent last, and for whom. */
interface Sent {
  readonly calls: readonly CountingCall[];
  readonly steps: readonly CounterStep[];
}

/**
 * Before a longer delay, in which others could push its record off the list (16 writes of 3 ms), a write that was refused
 * is looked for at once; before one that outlasts the call too, so that it can be told that nothing was changed.
 */
const LOOK_AGAIN_MS = 50;
const FAILURE_BACKOFF = { initialMs: 100, maxMs: 5_000 };

export class CountingOperation implements Carrier {
  lastFailure: Error | undefined;
  hasConflicted = false;
  readonly #api: WaitGroupApi;
  readonly #group: WaitGroupReference;
  readonly #by: string;
  readonly #calls: readonly CountingCall[];
  readonly #controller = new AbortController();
  readonly #failures = new Backoff(FAILURE_BACKOFF);
  readonly #id: string;
  #fate: Fate = 'settled';
  /** The base of the last write, while it was refused and the group not read since. */
  #refused: WaitGroup | undefined;
  #readAt = 0;
  #uid: string | undefined;
  #sent: Sent | undefined;

  constructor(api: WaitGroupApi, group: WaitGroupReference, by: string, calls: readonly CountingCall[]) {
    this.#api = api;
    this.#group = group;
    this.#by = by;
    this.#calls = calls;
    this.#id = calls[0]?.operationId ?? randomId();
    this.#uid = calls[0]?.uid;
    for (const call of calls) call.carrier = this;
  }

  get isOpen(): boolean {
    return this.#fate !== 'settled';
  }

  /** Settles every call; never rejects. */
  async run(): Promise<void> {
    if (this.#waiting().length === 0) return;
    try {
      this.#settle(await this.#repeatUntilCounted());
    } catch (error) {
      const reason = this.#isInDoubtAfter(error) ? unknownOutcome(this.#group, error) : error;
      for (const call of this.#waiting()) call.reject(reason);
    }
  }

  #isInDoubtAfter(error: unknown): boolean {
    if (error instanceof UnknownOutcomeError) return false;
    // With the group gone, nobody asks any more which copy a conflict answered.
    return this.#fate === 'open' || (this.#fate === 'refused' && !(error instanceof WaitGroupNotFoundError));
  }

  onCallSettled(): void {
    if (this.#waiting().length === 0) this.#controller.abort();
  }

  async #repeatUntilCounted(): Promise<WaitGroup> {
    const conflicts = new ConflictBackoff();
    for (;;) {
      const { base, counted } = await this.#look();
      if (counted) return counted;
      if (base.metadata.deletionTimestamp) throw new WaitGroupNotFoundError(this.#group, 'deleted', base.status);
      const written = await this.#apply(base);
      if (written) return written;
      // After a failure there was a pause, and a watch has told of a conflict that came after one.
      if (this.#fate !== 'refused') continue;
      const delayMs = conflicts.next(performance.now() - this.#readAt, this.#remainingMs);
      if (delayMs > Math.min(LOOK_AGAIN_MS, this.#remainingMs)) {
        const { counted } = await this.#look();
        if (counted) return counted;
      }
      await sleep(delayMs, this.#signal);
    }
  }

  /** Reads the group, and settles the last write if it was refused: a copy of it may have landed. */
  async #look(): Promise<{ base: WaitGroup; counted: WaitGroup | undefined }> {
    const base = await this.#read();
    this.#requireOwnRecord(base);
    const refused = this.#refused;
    const counted = isRecorded(base, this.#id) ? base : refused && (await this.#settleRefused(refused, base));
    return { base, counted: this.#settled(counted) };
  }

  /** A caller's own id may stand for another change by mistake: reporting that one as this would lose this one. */
  #requireOwnRecord(base: WaitGroup): void {
    const [call] = this.#calls;
    const record = base.status?.recentOperations?.find(({ id }) => id === this.#id);
    if (call?.operationId === undefined || !record || !('delta' in call.change)) return;
    const { delta } = call.change;
    if (record.delta !== delta)
      throw new OperationIdReusedError(this.#group, { operationId: this.#id, recorded: record.delta, delta });
  }

  /** The group as it is now. */
  async #read(): Promise<WaitGroup> {
    for (;;) {
      try {
        const { namespace, name } = this.#group;
        this.#readAt = performance.now();
        const base = await this.#api.get(namespace, name, { signal: this.#signal });
        this.lastFailure = undefined;
        return this.#pinned(base);
      } catch (error) {
        if (!(error instanceof NotFoundError)) await this.#pause(error);
        else throw this.#uid ? new WaitGroupNotFoundError(this.#group, 'deleted') : absence(this.#group, error);
      }
    }
  }

  #pinned(base: WaitGroup): WaitGroup {
    this.#uid ??= base.metadata.uid;
    if (this.#uid !== base.metadata.uid) throw new WaitGroupNotFoundError(this.#group, 'replaced', base.status);
    return base;
  }

  /** The group as written, or undefined when it is to be read again: another write came first, or this one did not arrive. */
  async #apply(base: WaitGroup): Promise<WaitGroup | undefined> {
    const calls = this.#waiting();
    const operation = { id: this.#id, by: this.#by, deltas: calls.map((call) => call.deltaOn(base)) };
    const { status, steps } = applyOperation(base, operation, new Date());
    this.#sent = { calls, steps };
    return status ? this.#send(base, status) : base;
  }

  async #send(base: WaitGroup, status: WaitGroupStatus): Promise<WaitGroup | undefined> {
    for (;;) {
      const before = this.#fate;
      this.#fate = 'open';
      try {
        return this.#settled(await this.#api.updateStatus(base, status, { signal: this.#signal }));
      } catch (error) {
        this.#refused = base;
        if (error instanceof ConflictError) return this.#conflicted(base, before);
        if (!mayHaveArrived(error)) this.#fate = before;
        if (error instanceof NotFoundError && before !== 'open')
          throw new WaitGroupNotFoundError(this.#group, 'deleted', base.status);
        await this.#pause(error);
        // What is sent again carries the same calls, also those that gave up meanwhile and were told that nothing changed.
        if (!this.isOpen) return undefined;
      }
    }
  }

  #settled<T>(outcome: T): T {
    this.#fate = 'settled';
    this.#refused = undefined;
    this.lastFailure = undefined;
    return outcome;
  }

  /** Another write came first, or the own one was sent before and had landed: undefined while that is not decided. */
  async #conflicted(base: WaitGroup, before: Fate): Promise<WaitGroup | undefined> {
    this.hasConflicted = true;
    this.#failures.reset();
    if (before === 'open') return this.#settled(await this.#settleOpen(base));
    this.lastFailure = undefined;
    this.#fate = 'refused';
    return undefined;
  }

  /**
   * When others may have pushed the write's record off the list, the watch or the history tells. For an account that may
   * neither watch nor list, the conflict is believed: only a proxy that sends a landed write again can disprove it.
   */
  async #settleRefused(base: WaitGroup, now: WaitGroup): Promise<WaitGroup | undefined> {
    if (reachesBackTo(base, now)) return undefined;
    try {
      return await this.#settleOpen(base);
    } catch (error) {
      if (error instanceof ForbiddenError) return undefined;
      throw error;
    }
  }

  async #settleOpen(base: WaitGroup): Promise<WaitGroup | undefined> {
    return settleByWatch(this.#api, { group: this.#group, base, id: this.#id, signal: this.#signal }, (error) =>
      this.#pause(error),
    );
  }

  /** After a failure that passes by itself: waits. After any other: throws. */
  async #pause(error: unknown): Promise<void> {
    if (error instanceof AbortedError) throw error;
    if (!isTransient(error)) throw error;
    this.lastFailure = error;
    const delayMs = this.#failures.next(error instanceof TooManyRequestsError ? error.retryAfterMs : 0);
    for (const call of this.#waiting()) call.onRetry?.(error, delayMs);
    await sleep(delayMs, this.#signal);
  }

  #settle(group: WaitGroup): void {
    const { calls, steps } = this.#sent ?? { calls: this.#calls, steps: [] };
    calls.forEach((call, index) => {
      const step = steps[index];
      if (step && !step.ok) call.reject(new CounterRejectedError(this.#group, step.rejection));
      else call.resolve(group);
    });
  }

  get #signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Until the first call ends; Infinity when none has a deadline. */
  get #remainingMs(): number {
    return Math.min(...this.#waiting().map(({ remainingMs }) => remainingMs));
  }

  #waiting(): readonly CountingCall[] {
    return this.#calls.filter(({ isSettled }) => !isSettled);
  }
}

/** 96 random bits. */
export function randomId(): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(12))).toString('base64url');
}
