// Leader election on a Lease: of several operators one works. One candidate stands for it again and again, and what comes of
// it is logged and told. It protects no data: every write is guarded by itself.
import { type EventDescription, ForbiddenError, type InvolvedObject } from '@konductor/client';
import type { Logger } from '../logger.ts';
import { Candidate, type CandidateOptions, LeadershipLostError } from './candidate.ts';
import { LEASE_KIND } from './lease.ts';

export interface LeaderElectionOptions extends CandidateOptions {
  readonly logger: Logger;
  /** Called with the lease and what happened to it, in client-go's words. */
  readonly onEvent?: (lease: InvolvedObject, event: EventDescription) => void;
}

/** For a process that stops, and that others need not wait for. */
const RELEASE_TIMEOUT_MS = 2_000;

export class LeaderElection {
  readonly #options: LeaderElectionOptions;
  readonly #candidate: Candidate;
  #reportedHolder: string | undefined;

  constructor(options: LeaderElectionOptions) {
    this.#options = options;
    this.#candidate = new Candidate(options);
  }

  /** By the clock, so that a process that was stopped for a while knows at once. Once lost, it does not come back. */
  get isLeading(): boolean {
    return this.#candidate.isLeading;
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
      await this.#candidate.pause(signal);
    }
    await this.#release();
  }

  async #attempt(signal: AbortSignal): Promise<void> {
    try {
      this.#report(await this.#candidate.attempt(signal));
    } catch (err) {
      if (err instanceof LeadershipLostError) throw err;
      const { lease, logger } = this.#options;
      if (!signal.aborted) logger.warn({ err, lease, hint: hintFor(err) }, 'leader election failed and is tried again');
    }
  }

  /** Says once for each leader whom it waits for. */
  #report(holder: string | undefined): void {
    if (holder === undefined || holder === this.#reportedHolder) return;
    this.#reportedHolder = holder;
    this.#options.logger.info({ lease: this.#options.lease, holder }, 'another one leads');
  }

  async #release(): Promise<void> {
    const { lease, logger } = this.#options;
    try {
      const isReleased = await this.#candidate.release({ signal: AbortSignal.timeout(RELEASE_TIMEOUT_MS) });
      if (!isReleased) return;
      logger.info({ lease }, 'released the lease');
      this.#tell('stopped leading');
    } catch (err) {
      logger.warn({ err, lease }, 'could not release the lease: others wait until it expires');
    }
  }

  #tell(what: string): void {
    const { lease, identity, onEvent } = this.#options;
    const metadata = { ...this.#candidate.lease?.metadata, ...lease };
    const message = `${identity} ${what}`;
    onEvent?.({ ...LEASE_KIND, metadata }, { type: 'Normal', reason: 'LeaderElection', message });
  }
}

function hintFor(error: unknown): string | undefined {
  return error instanceof ForbiddenError
    ? 'grant create, get and update on leases to the ServiceAccount: apply cdk8s/manifests/install.yaml'
    : undefined;
}
