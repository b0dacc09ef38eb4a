// Waits for one group by one watch, never by polling, until wait-rule.ts says that it is done, failed or gone, or time runs out.
import type { WaitGroup, WaitGroupStatus } from '@konductor/schema';
import { Deadline, formatMs } from '../../core/deadline.ts';
import { AbortedError, isTransient } from '../../core/errors.ts';
import { startTimer } from '../../core/timer.ts';
import type { ListWatchObserver } from '../../kubernetes/list-watch.ts';
import type { KubeTransport } from '../../transport/transport.ts';
import type { CallOptions } from '../call-options.ts';
import {
  TimedOutError,
  WaitGroupFailedError,
  WaitGroupNotFoundError,
  type WaitGroupReference,
} from '../wait-group-errors.ts';
import { waitGroupEvents } from '../wait-group-watch.ts';
import { RejectionGrace } from './rejection-grace.ts';
import { observe, type WaitState, type WaitVerdict } from './wait-rule.ts';

/** `timeoutMs` 0 checks once. */
export interface WaitOptions extends CallOptions {
  /** A counter of zero is not done until this much was added in total; closes the race with a first add still to come. */
  readonly minAdded?: number | undefined;
  /** Waits until no work is outstanding, whether the round failed or not. */
  readonly ignoreFailure?: boolean | undefined;
  /** How long to wait for the group to be created, not counting the time without the API server; 30,000 by default. */
  readonly appearTimeoutMs?: number | undefined;
  /** Called with each state of the group that does not end the wait; undefined while the group does not exist. */
  readonly onProgress?: ((group: WaitGroup | undefined) => void) | undefined;
}

interface WatchOptions {
  readonly idleTimeoutMs?: number | undefined;
  /** How long a wait that has begun retries 401 and 403; 60,000 by default. */
  readonly rejectionGraceMs?: number | undefined;
}

const APPEAR_TIMEOUT_MS = 30_000;
/** With a `timeoutMs` of 0, how long the one check may take. */
const CHECK_ONCE_MS = 10_000;

/** Errors: WaitGroupFailedError, WaitGroupNotFoundError, TimedOutError, AbortedError, and the API server's rejections. */
export async function waitForGroup(
  transport: KubeTransport,
  group: WaitGroupReference,
  options: WaitOptions & WatchOptions,
): Promise<WaitGroup> {
  const { timeoutMs, signal, startedAt } = options;
  const isCheck = timeoutMs === 0;
  const deadline = isCheck ? new Deadline(CHECK_ONCE_MS, signal) : new Deadline(timeoutMs, signal, startedAt);
  const wait = new Wait(transport, group, isCheck ? { ...options, appearTimeoutMs: 0 } : options, deadline);
  try {
    return await wait.run(isCheck);
  } finally {
    wait.release();
  }
}

class Wait {
  readonly #transport: KubeTransport;
  readonly #group: WaitGroupReference;
  readonly #options: WaitOptions & WatchOptions;
  readonly #deadline: Deadline;
  readonly #grace: RejectionGrace;
  readonly #end = new AbortController();
  #state: WaitState | undefined;
  #failure: Error | undefined;
  #cancelAppearTimer = () => {};
  #hasNotAppeared = false;

  constructor(
    transport: KubeTransport,
    group: WaitGroupReference,
    options: WaitOptions & WatchOptions,
    deadline: Deadline,
  ) {
    this.#transport = transport;
    this.#group = group;
    this.#options = options;
    this.#deadline = deadline;
    this.#grace = new RejectionGrace(options.rejectionGraceMs);
    const end = () => this.#end.abort();
    if (deadline.signal.aborted) end();
    else deadline.signal.addEventListener('abort', end, { once: true });
  }

  async run(isCheck: boolean): Promise<WaitGroup> {
    for await (const event of this.#events()) {
      const { state, verdict } = observe(this.#state, event, this.#options);
      const isFirst = this.#state === undefined;
      this.#state = state;
      if (verdict.kind === 'done') return verdict.group;
      if (verdict.kind === 'failed') throw new WaitGroupFailedError(this.#group, verdict.failure, state.lastStatus);
      if (verdict.kind === 'gone') throw new WaitGroupNotFoundError(this.#group, verdict.absence, state.lastStatus);
      if (isCheck) throw verdict.kind === 'absent' ? this.#missingError() : this.#timedOutError();
      this.#progress(verdict, isFirst);
    }
    throw this.#interruption();
  }

  release(): void {
    this.#cancelAppearTimer();
    this.#deadline.release();
    this.#end.abort();
  }

  #events() {
    const { idleTimeoutMs } = this.#options;
    const isRetried = (error: unknown) => this.#grace.allows(error);
    return waitGroupEvents(this.#transport, {
      ...{ ...this.#group, idleTimeoutMs, isRetried, observer: this.#observer() },
      signal: this.#end.signal,
    });
  }

  #observer(): ListWatchObserver {
    return {
      onList: () => {
        this.#failure = undefined;
      },
      onWatch: () => {
        this.#failure = undefined;
        this.#grace.accept();
      },
      onRetry: (error, delayMs) => {
        this.#failure = error;
        if (isTransient(error)) this.#grace.reset();
        this.#options.onRetry?.(error, delayMs);
      },
    };
  }

  #progress(verdict: Extract<WaitVerdict, { kind: 'absent' | 'pending' }>, isFirst: boolean): void {
    if (verdict.kind === 'pending') this.#cancelAppearTimer();
    else if (isFirst) this.#startAppearTimer();
    this.#options.onProgress?.(verdict.kind === 'pending' ? verdict.group : undefined);
  }

  #startAppearTimer(): void {
    this.#cancelAppearTimer = startTimer(this.#options.appearTimeoutMs ?? APPEAR_TIMEOUT_MS, () => {
      // The group may have been created while the API server was unavailable.
      if (this.#failure) return this.#startAppearTimer();
      this.#hasNotAppeared = true;
      this.#end.abort();
    });
  }

  #interruption(): Error {
    if (this.#deadline.isOver) return this.#grace.rejection ?? this.#timedOutError();
    return this.#hasNotAppeared ? this.#missingError() : new AbortedError('aborted');
  }

  #missingError(): WaitGroupNotFoundError {
    return new WaitGroupNotFoundError(this.#group, 'missing');
  }

  #timedOutError(): TimedOutError {
    const lastStatus = this.#state?.lastStatus;
    const isServerUnavailable = this.#failure !== undefined || this.#state === undefined;
    const isMissing = lastStatus === undefined && !isServerUnavailable;
    const state = lastStatus ? describeProgress(lastStatus, this.#options.minAdded) : 'it was never read';
    const why = isServerUnavailable
      ? `; the API server is unavailable: ${this.#failure?.message ?? 'no response'}`
      : '';
    const after = this.#options.timeoutMs ? ` after ${formatMs(this.#options.timeoutMs)}` : '';
    const { namespace, name } = this.#group;
    const message = isMissing
      ? `waitgroup "${name}" not found in namespace "${namespace}"${after}`
      : `waitgroup "${name}" is not done${after}: ${state}${why}`;
    return new TimedOutError(this.#group, message, {
      isServerUnavailable,
      isMissing,
      lastStatus,
      cause: this.#failure,
    });
  }
}

function describeProgress({ counter, added = 0 }: WaitGroupStatus, minAdded = 0): string {
  return `the counter is ${counter}${added < minAdded ? `, added ${added} of ${minAdded}` : ''}`;
}
