// Publishes Kubernetes Events in the background, a few at once. Events are best effort: one that cannot be published is
// logged, and nothing else depends on it.
import { createHash } from 'node:crypto';
import {
  AlreadyExistsError,
  Backoff,
  createEvent,
  type InvolvedObject,
  isTransient,
  type KubeTransport,
  type NewEvent,
  newEvent,
  retryAfterMsOf,
  sleep,
} from '@konductor/client';
import type { DescribedEvent } from '@konductor/schema';
import type { Logger } from '../framework/logger.ts';

const COMPONENT = 'konductor-operator';
const ATTEMPTS = 5;
const SENDERS = 8;
const MAX_QUEUED = 10_000;

export interface EventRecorderOptions {
  readonly transport: KubeTransport;
  readonly logger: Logger;
  /** The reporting instance, such as the pod's name. */
  readonly instance: string;
  /** How many Events are queued at most, about 1 KB each; 10,000 unless given. */
  readonly maxQueued?: number;
}

export interface EventToRecord extends DescribedEvent {
  /** Events with the same object, reason and key get the same name, so that only one is published. Absent: always a new Event. */
  readonly dedupeKey?: string;
}

export class EventRecorder {
  readonly #options: EventRecorderOptions;
  readonly #queued: NewEvent[] = [];
  readonly #sending = new Set<Promise<void>>();

  constructor(options: EventRecorderOptions) {
    this.#options = options;
  }

  /** Returns at once. */
  record(about: InvolvedObject, { dedupeKey, ...description }: EventToRecord): void {
    const { instance, maxQueued = MAX_QUEUED } = this.#options;
    const unnamed = newEvent(about, description, { component: COMPONENT, instance });
    const event = dedupeKey === undefined ? unnamed : withDeterministicName(unnamed, dedupeKey);
    if (this.#queued.length < maxQueued) this.#queued.push(event);
    else this.#giveUp(event, new Error(`the queue of ${maxQueued} Events is full`));
    this.#send();
  }

  /** Resolves when every recorded Event is published or given up. */
  async flush(): Promise<void> {
    while (this.#sending.size > 0) await Promise.all(this.#sending);
  }

  #send(): void {
    while (this.#sending.size < SENDERS) {
      const event = this.#queued.shift();
      if (!event) return;
      const sending = this.#publish(event).finally(() => {
        this.#sending.delete(sending);
        this.#send();
      });
      this.#sending.add(sending);
    }
  }

  async #publish(event: NewEvent): Promise<void> {
    const backoff = new Backoff({ initialMs: 200, maxMs: 2_000 });
    for (let attempt = 1; ; attempt++) {
      try {
        return await createEvent(this.#options.transport, event);
      } catch (err) {
        // An attempt whose response was lost, or another process, has published it.
        if (err instanceof AlreadyExistsError) return;
        if (!isTransient(err) || attempt === ATTEMPTS) return this.#giveUp(event, err);
        await sleep(backoff.next(retryAfterMsOf(err)));
      }
    }
  }

  #giveUp({ reason, involvedObject }: NewEvent, err: unknown): void {
    const { namespace, name } = involvedObject;
    this.#options.logger.warn({ err, reason, namespace, name }, 'publishing an Event failed');
  }
}

function withDeterministicName(event: NewEvent, dedupeKey: string): NewEvent {
  const { name, uid } = event.involvedObject;
  const digest = createHash('sha256').update(`${uid} ${event.reason} ${dedupeKey}`).digest('hex');
  return { ...event, metadata: { ...event.metadata, name: `${name}.${digest.slice(0, 16)}` } };
}
