// When this process may reconcile: while it is the leader, or always if leader election is off.
import { randomUUID } from 'node:crypto';
import { type KubeTransport, sleep } from '@konductor/client';
import type { LeaderElectionSettings } from '../flags/leader-election-options.ts';
import { LeaderElection } from '../framework/leader-election/leader-election.ts';
import type { Logger } from '../framework/logger.ts';
import { FIELD_MANAGER } from '../version.ts';
import { EventRecorder } from './event-recorder.ts';

export interface LeadershipOptions {
  readonly transport: KubeTransport;
  readonly logger: Logger;
  readonly hostname: string;
}

/** How long a shutdown waits for the last Event. */
const FLUSH_TIMEOUT_MS = 1_000;

export class Leadership {
  readonly #election: LeaderElection | undefined;
  readonly #events: EventRecorder;
  readonly #ending = new AbortController();
  #running: Promise<void> = Promise.resolve();

  /** This process is the leader from the start if there are no settings. */
  constructor(settings: LeaderElectionSettings | undefined, { transport, logger, hostname }: LeadershipOptions) {
    this.#events = new EventRecorder({ transport, logger, instance: hostname });
    if (!settings) return;
    const { leaseName, namespace = transport.connection.namespace, times } = settings;
    this.#election = new LeaderElection({
      ...{ transport, logger, times, fieldManager: FIELD_MANAGER },
      lease: { namespace, name: leaseName },
      // Two processes may share a hostname, and a restarted process must not mistake its predecessor's lease for its own.
      identity: `${hostname}_${randomUUID()}`,
      onEvent: (about, event) => this.#events.record(about, event),
    });
  }

  get isLeading(): boolean {
    return this.#election?.isLeading ?? true;
  }

  /** Starts to compete for the lease. */
  begin(onStartedLeading: () => void): void {
    if (this.#election) this.#running = this.#election.run(this.#ending.signal, onStartedLeading);
  }

  /** Releases the lease and publishes the Event about it. */
  async end(): Promise<void> {
    this.#ending.abort();
    await this.#running;
    await Promise.race([this.#events.flush(), sleep(FLUSH_TIMEOUT_MS)]);
  }
}
