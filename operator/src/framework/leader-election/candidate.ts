// One candidate and its lease: reads the lease, lets leader-election-rules.ts decide and carries the decision out.
// leader-election.ts decides how often, and reports the outcome.
import {
  AlreadyExistsError,
  ConflictError,
  type KubeTransport,
  NotFoundError,
  type RequestLimits,
  sleep,
} from '@konductor/client';
import {
  type Candidacy,
  decide,
  isLeading,
  type LeaderElectionTimes,
  type LeaseRecord,
  type Moment,
  observe,
  releasedRecord,
  untilNextAttemptMs,
} from './leader-election-rules.ts';
import { type Lease, LeaseApi, type LeaseReference, recordOf } from './lease.ts';

/** The clock and the random numbers; tests replace them. */
export interface ElectionClock {
  now(): Moment;
  /** Rejects when the signal is aborted. */
  sleep(delayMs: number, signal: AbortSignal): Promise<void>;
  /** Uniform in [0, 1). */
  random(): number;
}

export interface CandidateOptions {
  readonly transport: KubeTransport;
  readonly lease: LeaseReference;
  readonly fieldManager: string;
  /** Unique for each process. */
  readonly identity: string;
  readonly times: LeaderElectionTimes;
  readonly clock?: ElectionClock;
}

const systemClock: ElectionClock = {
  now: () => ({ monotonicMs: performance.now(), wall: new Date() }),
  sleep,
  random: Math.random,
};

export class Candidate {
  readonly #api: LeaseApi;
  readonly #clock: ElectionClock;
  #candidacy: Candidacy;
  #lease: Lease | undefined;
  #term = 0;

  constructor({ transport, lease, fieldManager, identity, times, clock = systemClock }: CandidateOptions) {
    this.#api = new LeaseApi(transport, lease, fieldManager);
    this.#clock = clock;
    this.#candidacy = { identity, times };
  }

  /** The clock decides, so that a process that was paused notices at once. */
  get isLeading(): boolean {
    return isLeading(this.#candidacy, this.#clock.now());
  }

  /** How often this candidate has become the leader. */
  get term(): number {
    return this.#term;
  }

  /** The lease as last read or written; undefined if it does not exist. */
  get lease(): Lease | undefined {
    return this.#lease;
  }

  /** Acquires or renews the lease, or resolves with its present holder. Throws the error of a request. */
  async attempt(signal: AbortSignal): Promise<string | undefined> {
    // A leader renews on what it wrote last, without reading.
    if (!this.#lease || !this.isLeading) await this.#read(signal);
    return this.#carryOut(signal).catch(async (error) => {
      if (!isOutdated(error)) throw error;
      await this.#read(signal);
      return this.#carryOut(signal);
    });
  }

  /** Sleeps until the next attempt is due. */
  async pause(signal: AbortSignal): Promise<void> {
    const delayMs = untilNextAttemptMs(this.#candidacy, this.#clock.now(), this.#clock.random);
    await this.#clock.sleep(delayMs, signal).catch((interruption) => {
      if (!signal.aborted) throw interruption;
    });
  }

  /** Returns whether this candidate held the lease. It reads the lease first: the response to the last write may have been lost. */
  async release(limits: RequestLimits): Promise<boolean> {
    const lease = await this.#api.get(limits);
    if (!lease || recordOf(lease).holderIdentity !== this.#candidacy.identity) return false;
    await this.#api.update(lease, releasedRecord(recordOf(lease), this.#clock.now()), limits);
    return true;
  }

  async #read(signal: AbortSignal): Promise<void> {
    this.#lease = await this.#api.get(this.#limits(signal));
    const { observed } = this.#candidacy;
    const latest = this.#lease && observe(observed, recordOf(this.#lease), this.#clock.now());
    this.#candidacy = { ...this.#candidacy, observed: latest };
  }

  async #carryOut(signal: AbortSignal): Promise<string | undefined> {
    const sentAt = this.#clock.now();
    const decision = decide(this.#candidacy, sentAt);
    if (decision.kind === 'wait') {
      this.#candidacy = { ...this.#candidacy, renewedAtMs: undefined };
      return decision.holder;
    }
    this.#lease = await this.#write(decision.record, this.#limits(signal));
    const now = this.#clock.now();
    // Between the deadline and this response it was not the leader: that begins another term.
    if (!isLeading(this.#candidacy, now)) this.#term++;
    const observed = observe(undefined, recordOf(this.#lease), now);
    this.#candidacy = { ...this.#candidacy, observed, renewedAtMs: sentAt.monotonicMs };
    return undefined;
  }

  #write(record: LeaseRecord, limits: RequestLimits): Promise<Lease> {
    return this.#lease ? this.#api.update(this.#lease, record, limits) : this.#api.create(record, limits);
  }

  /** Ends each request of a leader before its leadership ends. */
  #limits(signal: AbortSignal): RequestLimits {
    const { times, renewedAtMs = Number.NEGATIVE_INFINITY } = this.#candidacy;
    const halfMs = times.renewDeadlineMs / 2;
    const leftMs = renewedAtMs + times.renewDeadlineMs - this.#clock.now().monotonicMs;
    return { signal, timeoutMs: leftMs > 0 ? Math.min(halfMs, leftMs) : halfMs };
  }
}

function isOutdated(error: unknown): boolean {
  return error instanceof ConflictError || error instanceof AlreadyExistsError || error instanceof NotFoundError;
}
