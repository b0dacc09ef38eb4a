// Leader election on a Lease: of several operators one works. The rules are in leader-election-rules.ts; here they are
// asked again and again, and done. It protects no data: every write is guarded by itself.
import {
  AlreadyExistsError,
  ConflictError,
  type EventDescription,
  ForbiddenError,
  type InvolvedObject,
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
import { LEASE_KIND, type Lease, LeaseApi, type LeaseReference, recordOf } from './lease.ts';
import type { Logger } from './logger.ts';

/** For tests; absent: the real ones. */
export interface ElectionClock {
  now(): Moment;
  /** Rejects when the signal fires. */
  sleep(delayMs: number, signal: AbortSignal): Promise<void>;
  /** Uniform in [0, 1). */
  random(): number;
}

export interface LeaderElectionOptions {
  readonly transport: KubeTransport;
  readonly logger: Logger;
  readonly lease: LeaseReference;
  readonly fieldManager: string;
  /** No two processes may have the same. */
  readonly identity: string;
  readonly times: LeaderElectionTimes;
  readonly clock?: ElectionClock;
  /** Called with the lease and what happened to it, in client-go's words. */
  readonly onEvent?: (lease: InvolvedObject, event: EventDescription) => void;
}

/** The lease is somebody else's, or could not be renewed in time: another may lead now. */
export class LeadershipLostError extends Error {
  override readonly name = 'LeadershipLostError';
}

/** For a process that stops, and that others need not wait for. */
const RELEASE_TIMEOUT_MS = 2_000;

const systemClock: ElectionClock = {
  now: () => ({ monotonicMs: performance.now(), wall: new Date() }),
  sleep,
  random: Math.random,
};

export class LeaderElection {
  readonly #options: LeaderElectionOptions;
  readonly #api: LeaseApi;
  readonly #clock: ElectionClock;
  #candidacy: Candidacy;
  #lease: Lease | undefined;
  #reportedHolder: string | undefined;

  constructor(options: LeaderElectionOptions) {
    const { transport, lease, fieldManager, identity, times, clock = systemClock } = options;
    this.#options = options;
    this.#api = new LeaseApi(transport, lease, fieldManager);
    this.#clock = clock;
    this.#candidacy = { identity, times };
  }

  /** By the clock, so that a process that was stopped for a while knows at once. Once lost, it does not come back. */
  get isLeading(): boolean {
    return isLeading(this.#candidacy, this.#clock.now());
  }

  /** Until the signal fires; the lease is released then. Rejects with LeadershipLostError only when it has led. */
  async run(signal: AbortSignal, onStartedLeading: () => void): Promise<void> {
    const { lease, identity, logger } = this.#options;
    logger.info({ lease, identity }, 'trying to become the leader');
    let hasLed = false;
    while (!signal.aborted) {
      await this.#attempt(signal);
      if (this.isLeading && !hasLed) {
        hasLed = true;
        logger.info({ lease, identity }, 'became the leader');
        this.#tell('became leader');
        onStartedLeading();
      }
      await this.#pause(signal);
    }
    await this.#release();
  }

  async #attempt(signal: AbortSignal): Promise<void> {
    this.#decide();
    try {
      // A leader knows what it wrote last.
      if (!this.#lease || !this.isLeading) await this.#read(signal);
      await this.#carryOut(signal).catch(async (error) => {
        if (!isOutdated(error)) throw error;
        await this.#read(signal);
        await this.#carryOut(signal);
      });
    } catch (err) {
      if (err instanceof LeadershipLostError) throw err;
      const { lease, logger } = this.#options;
      if (!signal.aborted) logger.warn({ err, lease, hint: hintFor(err) }, 'leader election failed and is tried again');
    }
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

  async #carryOut(signal: AbortSignal): Promise<void> {
    const { monotonicMs: sentAtMs } = this.#clock.now();
    const decision = this.#decide();
    if (decision.kind === 'wait') return this.#standBy(decision.holder);
    this.#lease = await this.#write(decision.record, this.#limits(signal));
    // An answer that comes too late changes nothing: whoever asked meanwhile was told that this process does not lead.
    this.#decide();
    const observed = observe(undefined, recordOf(this.#lease), this.#clock.now());
    this.#candidacy = { ...this.#candidacy, observed, renewedAtMs: sentAtMs };
  }

  /** Says once for each leader whom it waits for. */
  #standBy(holder: string): void {
    if (holder === this.#reportedHolder) return;
    this.#reportedHolder = holder;
    this.#options.logger.info({ lease: this.#options.lease, holder }, 'another one leads');
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

  async #pause(signal: AbortSignal): Promise<void> {
    const delayMs = untilNextAttemptMs(this.#candidacy, this.#clock.now(), this.#clock.random);
    await this.#clock.sleep(delayMs, signal).catch((interruption) => {
      if (!signal.aborted) throw interruption;
    });
  }

  /** What is read counts, not what is remembered: the answer to the last write may have been lost. */
  async #release(): Promise<void> {
    const { lease: reference, identity, logger } = this.#options;
    const limits = { signal: AbortSignal.timeout(RELEASE_TIMEOUT_MS) };
    try {
      const lease = await this.#api.get(limits);
      if (!lease || recordOf(lease).holderIdentity !== identity) return;
      await this.#api.update(lease, releasedRecord(recordOf(lease), this.#clock.now()), limits);
      logger.info({ lease: reference }, 'released the lease');
      this.#tell('stopped leading');
    } catch (err) {
      logger.warn({ err, lease: reference }, 'could not release the lease: others wait until it expires');
    }
  }

  #tell(what: string): void {
    const { lease, identity, onEvent } = this.#options;
    const metadata = { ...this.#lease?.metadata, ...lease };
    const message = `${identity} ${what}`;
    onEvent?.({ ...LEASE_KIND, metadata }, { type: 'Normal', reason: 'LeaderElection', message });
  }
}

function isOutdated(error: unknown): boolean {
  return error instanceof ConflictError || error instanceof AlreadyExistsError || error instanceof NotFoundError;
}

function hintFor(error: unknown): string | undefined {
  return error instanceof ForbiddenError
    ? 'grant create, get and update on leases to the ServiceAccount: apply cdk8s/manifests/install.yaml'
    : undefined;
}
