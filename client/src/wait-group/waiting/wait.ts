// Waits for one group by one watch, never by polling, until the rule says that it is over or time is.
import type { WaitGroup, WaitGroupStatus } from '@konductor/schema';
import { Deadline, formatMs } from '../../core/deadline.ts';
import { AbortedError } from '../../core/errors.ts';
import { startTimer } from '../../core/timer.ts';
import type { ListWatchObserver } from '../../kubernetes/list-watch.ts';
import type { KubeTransport } from '../../transport/transport.ts';
import type { CallOptions } from '../call-options.ts';
import { TimedOutError, WaitGroupNotFoundError, type WaitGroupReference } from '../wait-group-errors.ts';
import { waitGroupEvents } from '../wait-group-watch.ts';
import { observe, type WaitState, type WaitVerdict } from './wait-rule.ts';

/** `timeoutMs` 0 checks once. */
export interface WaitOptions extends CallOptions {
  /** Zero does not count before that much was added in all: closes the race with a first add that is still to come. */
  readonly minAdded?: number | undefined;
  /** How long a group that is not there yet is awaited, the API server being there; 30,000 unless said otherwise. */
  readonly appearTimeoutMs?: number | undefined;
  /** Called with each state of the group that is not the end; undefined while it is not there. */
  readonly onProgress?: ((group: WaitGroup | undefined) => void) | undefined;
}

interface WatchOptions {
  readonly idleTimeoutMs?: number | undefined;
}

const APPEAR_TIMEOUT_MS = 30_000;
/** A check that was given no time still gets an answer's worth of it. */
const CHECK_ONCE_MS = 10_000;

/** Errors: WaitGroupNotFoundError, TimedOutError, AbortedError, and what the API server refuses. */
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
    const end = () => this.#end.abort();
    if (deadline.signal.aborted) end();
    else deadline.signal.addEventListener('abort', end, { once: true });
  }

  async run(isCheck: boolean): Promise<WaitGroup> {
    for await (const event of this.#events()) {
      const { state, verdict } = observe(this.#state, event, this.#options.minAdded);
      const isFirst = this.#state === undefined;
      this.#state = state;
      if (verdict.kind === 'done') return verdict.group;
      if (verdict.kind === 'gone') throw new WaitGroupNotFoundError(this.#group, verdict.absence, state.lastStatus);
      if (isCheck) throw verdict.kind === 'absent' ? this.#missing() : this.#timedOut();
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
    const { idleTimeoutMs, onRetry } = this.#options;
    const recover = () => {
      this.#failure = undefined;
    };
    const observer: ListWatchObserver = {
      onList: recover,
      onWatch: recover,
      onRetry: (error, delayMs) => {
        this.#failure = error;
        onRetry?.(error, delayMs);
      },
    };
    return waitGroupEvents(this.#transport, { ...this.#group, idleTimeoutMs, signal: this.#end.signal, observer });
  }

  #progress(verdict: Extract<WaitVerdict, { kind: 'absent' | 'pending' }>, isFirst: boolean): void {
    if (verdict.kind === 'pending') this.#cancelAppearTimer();
    else if (isFirst) this.#startAppearTimer();
    this.#options.onProgress?.(verdict.kind === 'pending' ? verdict.group : undefined);
  }

  #startAppearTimer(): void {
    this.#cancelAppearTimer = startTimer(this.#options.appearTimeoutMs ?? APPEAR_TIMEOUT_MS, () => {
      // Nobody knows what appeared while the API server was away.
      if (this.#failure) return this.#startAppearTimer();
      this.#hasNotAppeared = true;
      this.#end.abort();
    });
  }

  #interruption(): Error {
    if (this.#deadline.isOver) return this.#timedOut();
    return this.#hasNotAppeared ? this.#missing() : new AbortedError('aborted');
  }

  #missing(): WaitGroupNotFoundError {
    return new WaitGroupNotFoundError(this.#group, 'missing');
  }

  #timedOut(): TimedOutError {
    const lastStatus = this.#state?.lastStatus;
    const isServerAway = this.#failure !== undefined || this.#state === undefined;
    const seen = lastStatus ? describeProgress(lastStatus, this.#options.minAdded) : 'it was not seen';
    const away = isServerAway ? `; the API server is away: ${this.#failure?.message ?? 'it gave no answer'}` : '';
    const after = this.#options.timeoutMs ? ` after ${formatMs(this.#options.timeoutMs)}` : '';
    const message = `waitgroup "${this.#group.name}" is not done${after}: ${seen}${away}`;
    return new TimedOutError(this.#group, message, { isServerAway, lastStatus, cause: this.#failure });
  }
}

function describeProgress({ counter, added = 0 }: WaitGroupStatus, minAdded = 0): string {
  return `the counter is ${counter}${added < minAdded ? `, added ${added} of ${minAdded}` : ''}`;
}
