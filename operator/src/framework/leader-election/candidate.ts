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
  type ElectionDecision,
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

/** The lease was not renewed in time or has another holder: another instance may be the leader now. */
export class LeadershipLostError extends Error {
  override readonly name = 'LeadershipLostError';
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

  constructor({ transport, lease, fieldManager, identity, times, clock = systemClock }: CandidateOptions) {
    this.#api = new LeaseApi(transport, lease, fieldManager);
    this.#clock = clock;
    this.#candidacy = { identity, times };
  }

  /** The clock decides, so that a process that was paused notices at once. Lost leadership does not return. */
  get isLeading(): boolean {
    return isLeading(this.#candidacy, this.#clock.now());
  }

  /** The lease as last read or written; undefined if it does not exist. */
  get lease(): Lease | undefined {
    return this.#lease;
  }

  /** Acquires or renews the lease, or resolves with its present holder. Throws LeadershipLostError or the error of a request. */
  async attempt(signal: AbortSignal): Promise<string | undefined> {
    this.#decide();
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

  /** Throws LeadershipLostError. */
  #decide(): Exclude<ElectionDecision, { kind: 'lost' }> {
    const decision = decide(this.#candidacy, this.#clock.now());
    if (decision.kind === 'lost') throw new LeadershipLostError(`leader election lost: ${decision.reason}`);
    return decision;
  }

  async #read(signal: AbortSignal): Promise<void> {
    this.#lease = await this.#api.get(this.#limits(signal));
    const { observed } = this.#candidacy;
    const latest = this.#lease && observe(observed, recordOf(this.#lease), this.#clock.now());
    this.#candidacy = { ...this.#candidacy, observed: latest };
  }

  async #carryOut(signal: AbortSignal): Promise<string | undefined> {
    const { monotonicMs: sentAtMs } = this.#clock.now();
    const decision = this.#decide();
    if (decision.kind === 'wait') return decision.holder;
    this.#lease = await this.#write(decision.record, this.#limits(signal));
    // A response after the deadline changes nothing: isLeading has already been false.
    this.#decide();
    const observed = observe(undefined, recordOf(this.#lease), this.#clock.now());
    this.#candidacy = { ...this.#candidacy, observed, renewedAtMs: sentAtMs };
    return undefined;
  }

  #write(record: LeaseRecord, limits: RequestLimits): Promise<Lease> {
    return this.#lease ? this.#api.update(this.#lease, record, limits) : this.#api.create(record, limits);
  }

  /** Ends each request of a leader before its leadership ends. */
  #limits(signal: AbortSignal): RequestLimits {
    const { times, renewedAtMs } = this.#candidacy;
    const halfMs = times.renewDeadlineMs / 2;
    if (renewedAtMs === undefined) return { signal, timeoutMs: halfMs };
    const leftMs = renewedAtMs + times.renewDeadlineMs - this.#clock.now().monotonicMs;
    return { signal, timeoutMs: Math.max(Math.min(halfMs, leftMs), 1) };
  }
}

function isOutdated(error: unknown): boolean {
  return error instanceof ConflictError || error instanceof AlreadyExistsError || error instanceof NotFoundError;
}
