// When this process may work: while it leads, or always where there is no leader election.
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

/** A process that stops does not wait longer for its last Event. */
const TELL_MS = 1_000;

export class Leadership {
  readonly #logger: Logger;
  readonly #election: LeaderElection | undefined;
  readonly #events: EventRecorder;
  readonly #ending = new AbortController();
  readonly #lost = Promise.withResolvers<never>();
  #running: Promise<void> = Promise.resolve();

  /** Without settings it leads from the start. */
  constructor(settings: LeaderElectionSettings | undefined, { transport, logger, hostname }: LeadershipOptions) {
    this.#logger = logger;
    this.#events = new EventRecorder({ transport, logger, instance: hostname });
    if (!settings) return;
    const { leaseName, namespace = transport.connection.namespace, times } = settings;
    this.#election = new LeaderElection({
      ...{ transport, logger, times, fieldManager: FIELD_MANAGER },
      lease: { namespace, name: leaseName },
      // A host's name is not enough: two processes may have it, and a new one must not take itself for the old one.
      identity: `${hostname}_${randomUUID()}`,
      onEvent: (about, event) => this.#events.record(about, event),
    });
  }

  get isLeading(): boolean {
    return this.#election?.isLeading ?? true;
  }

  /** Rejects with LeadershipLostError; never resolves. */
  get lost(): Promise<never> {
    return this.#lost.promise;
  }

  /** Stands for election. */
  begin(onStartedLeading: () => void): void {
    if (!this.#election) return;
    this.#running = this.#election.run(this.#ending.signal, onStartedLeading).catch((err) => {
      this.#logger.error({ err }, 'leader election lost');
      this.#lost.reject(err);
    });
  }

  /** Gives the leadership back, and tells of it. */
  async end(): Promise<void> {
    this.#ending.abort();
    await this.#running;
    await Promise.race([this.#events.flush(), sleep(TELL_MS)]);
  }
}
