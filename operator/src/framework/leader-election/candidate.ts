// One candidate's dealings with its lease: reads it, asks the rules of leader-election-rules.ts what to do, and does it. How
// often, and what is told of it, is leader-election.ts's.
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

/** For tests; absent: the real ones. */
export interface ElectionClock {
  now(): Moment;
  /** Rejects when the signal fires. */
  sleep(delayMs: number, signal: AbortSignal): Promise<void>;
  /** Uniform in [0, 1). */
  random(): number;
}

export interface CandidateOptions {
  readonly transport: KubeTransport;
  readonly lease: LeaseReference;
  readonly fieldManager: string;
  /** No two processes may have the same. */
  readonly identity: string;
  readonly times: LeaderElectionTimes;
  readonly clock?: ElectionClock;
}

/** The lease is somebody else's, or could not be renewed in time: another may lead now. */
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

  /** By the clock, so that a process that was stopped for a while knows at once. Once lost, it does not come back. */
  get isLeading(): boolean {
    return isLeading(this.#candidacy, this.#clock.now());
  }

  /** As it was last read or written; undefined: there is none. */
  get lease(): Lease | undefined {
    return this.#lease;
  }

  /** Takes or renews the lease; or resolves with the holder to wait for. Throws LeadershipLostError, or why it failed. */
  async attempt(signal: AbortSignal): Promise<string | undefined> {
    this.#decide();
    // A leader knows what it wrote last.
    if (!this.#lease || !this.isLeading) await this.#read(signal);
    return this.#carryOut(signal).catch(async (error) => {
      if (!isOutdated(error)) throw error;
      await this.#read(signal);
      return this.#carryOut(signal);
    });
  }

  /** Until the next attempt. */
  async pause(signal: AbortSignal): Promise<void> {
    const delayMs = untilNextAttemptMs(this.#candidacy, this.#clock.now(), this.#clock.random);
    await this.#clock.sleep(delayMs, signal).catch((interruption) => {
      if (!signal.aborted) throw interruption;
    });
  }

  /**
   * Whether there was a lease of this candidate's to give back. What is read counts, not what is remembered: the answer to
   * the last write may have been lost.
   */
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
    const seen = this.#lease && observe(observed, recordOf(this.#lease), this.#clock.now());
    this.#candidacy = { ...this.#candidacy, observed: seen };
  }

  async #carryOut(signal: AbortSignal): Promise<string | undefined> {
    const { monotonicMs: sentAtMs } = this.#clock.now();
    const decision = this.#decide();
    if (decision.kind === 'wait') return decision.holder;
    this.#lease = await this.#write(decision.record, this.#limits(signal));
    // An answer that comes too late changes nothing: whoever asked meanwhile was told that this process does not lead.
    this.#decide();
    const observed = observe(undefined, recordOf(this.#lease), this.#clock.now());
    this.#candidacy = { ...this.#candidacy, observed, renewedAtMs: sentAtMs };
    return undefined;
  }

  #write(record: LeaseRecord, limits: RequestLimits): Promise<Lease> {
    return this.#lease ? this.#api.update(this.#lease, record, limits) : this.#api.create(record, limits);
  }

  /** No request of a leader may outlast its leadership. */
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
