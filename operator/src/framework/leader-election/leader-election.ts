// Leader election on a Lease, so that one of several operators is active: runs one candidate, logs and reports the outcome.
// It does not protect data: every write is guarded on its own.
import { ForbiddenError, type InvolvedObject } from '@konductor/client';
import { type DescribedEvent, describeEvent } from '@konductor/schema';
import type { Logger } from '../logger.ts';
import { Candidate, type CandidateOptions } from './candidate.ts';
import { LEASE_KIND } from './lease.ts';

export interface LeaderElectionOptions extends CandidateOptions {
  readonly logger: Logger;
  /** Called with the lease and an Event in client-go's words. */
  readonly onEvent?: (lease: InvolvedObject, event: DescribedEvent) => void;
}

/** How long a shutdown tries to release the lease. */
const RELEASE_TIMEOUT_MS = 2_000;

export class LeaderElection {
  readonly #options: LeaderElectionOptions;
  readonly #candidate: Candidate;
  #loggedHolder: string | undefined;
  /** The term of the candidate in which it leads; undefined while it is on standby. */
  #term: number | undefined;

  constructor(options: LeaderElectionOptions) {
    this.#options = options;
    this.#candidate = new Candidate(options);
  }

  get isLeading(): boolean {
    return this.#candidate.isLeading;
  }

  /**
   * Runs until the signal is aborted, then releases the lease. A leader that loses the lease is on standby like the others,
   * and calls `onStartedLeading` again when it has got it back.
   */
  async run(signal: AbortSignal, onStartedLeading: () => void): Promise<void> {
    const { lease, identity, logger } = this.#options;
    logger.info({ lease, identity }, 'attempting to acquire the leader lease');
    while (!signal.aborted) {
      await this.#attempt(signal);
      this.#followTerm(onStartedLeading);
      await this.#candidate.pause(signal);
    }
    await this.#release();
  }

  async #attempt(signal: AbortSignal): Promise<void> {
    try {
      this.#logHolder(await this.#candidate.attempt(signal));
    } catch (err) {
      const { lease, logger } = this.#options;
      if (!signal.aborted) logger.warn({ err, lease, hint: hintFor(err) }, 'leader election attempt failed, retrying');
    }
  }

  #followTerm(onStartedLeading: () => void): void {
    const { lease, identity, logger } = this.#options;
    const term = this.isLeading ? this.#candidate.term : undefined;
    if (term === this.#term) return;
    if (this.#term !== undefined) logger.warn({ lease, identity }, 'lost the leader lease, on standby');
    this.#term = term;
    if (term === undefined) return;
    this.#loggedHolder = undefined;
    logger.info({ lease, identity }, 'became leader');
    this.#report('became leader');
    onStartedLeading();
  }

  /** Logs each holder once. */
  #logHolder(holder: string | undefined): void {
    if (holder === undefined || holder === this.#loggedHolder) return;
    this.#loggedHolder = holder;
    this.#options.logger.info({ lease: this.#options.lease, holder }, 'another instance is the leader');
  }

  async #release(): Promise<void> {
    const { lease, logger } = this.#options;
    try {
      const isReleased = await this.#candidate.release({ signal: AbortSignal.timeout(RELEASE_TIMEOUT_MS) });
      if (!isReleased) return;
      logger.info({ lease }, 'released the leader lease');
      this.#report('stopped leading');
    } catch (err) {
      logger.warn({ err, lease }, 'releasing the leader lease failed, other instances wait until it expires');
    }
  }

  #report(what: string): void {
    const { lease, identity, onEvent } = this.#options;
    const metadata = { ...this.#candidate.lease?.metadata, ...lease };
    onEvent?.({ ...LEASE_KIND, metadata }, describeEvent('LeaderElection', { instance: identity, what }));
  }
}

function hintFor(error: unknown): string | undefined {
  return error instanceof ForbiddenError
    ? 'grant create, get and update on leases to the ServiceAccount: apply cdk8s/manifests/install.yaml'
    : undefined;
}
