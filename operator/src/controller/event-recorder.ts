// Publishes Kubernetes Events, several at once, but holds them back for a moment while there is work that they would delay. An
// Event that cannot be published is logged; nothing else depends on it.
import { createHash } from 'node:crypto';
import {
  AlreadyExistsError,
  Backoff,
  createEvent,
  type EventDescription,
  type InvolvedObject,
  isTransient,
  type KubeTransport,
  type NewEvent,
  newEvent,
  retryAfterMsOf,
  sleep,
} from '@konductor/client';
import type { Logger } from '../framework/logger.ts';

const COMPONENT = 'konductor-operator';
const ATTEMPTS = 5;
const SENDERS = 8;
const HOLD_MS = 2_000;
const LOOK_EVERY_MS = 50;
const MOST_WAITING = 10_000;

export interface EventRecorderOptions {
  readonly transport: KubeTransport;
  readonly logger: Logger;
  /** Which of several operators speaks, such as the pod's name. */
  readonly instance: string;
  /** Whether there is other work to do; absent: never. */
  readonly isBusy?: () => boolean;
  /** After so long one is published after the other, whatever there is to do; 2,000 unless said otherwise. */
  readonly holdMs?: number;
  /** How many are kept while none can be published, of about 1 KB each; 10,000 unless said otherwise. */
  readonly mostWaiting?: number;
}

export interface RecordedOccasion extends EventDescription {
  /**
   * Tells what happened apart from all else of this reason about this object: whoever records it too, such as the next
   * leader, publishes the same Event. Absent: it is a new one each time.
   */
  readonly occasion?: string;
}

export class EventRecorder {
  readonly #options: EventRecorderOptions;
  readonly #waiting: NewEvent[] = [];
  readonly #sending = new Set<Promise<void>>();
  /** When the first of those that wait was recorded. */
  #waitingSince = 0;
  #lookAgain: NodeJS.Timeout | undefined;
  #isFlushing = false;

  constructor(options: EventRecorderOptions) {
    this.#options = options;
  }

  /** Returns at once. */
  record(about: InvolvedObject, { occasion, ...description }: RecordedOccasion): void {
    const event = newEvent(about, description, { component: COMPONENT, instance: this.#options.instance });
    const described = occasion === undefined ? event : withNameOf(event, occasion);
    const { mostWaiting = MOST_WAITING } = this.#options;
    if (this.#waiting.length === 0) this.#waitingSince = performance.now();
    if (this.#waiting.length < mostWaiting) this.#waiting.push(described);
    else this.#giveUp(described, new Error(`${mostWaiting} others are waiting`));
    this.#send();
  }

  /** Holds nothing back any more; resolves when all that was recorded is published or given up. */
  async flush(): Promise<void> {
    this.#isFlushing = true;
    this.#send();
    while (this.#sending.size > 0) await Promise.all(this.#sending);
  }

  #send(): void {
    while (this.#sending.size < this.#mostAtOnce()) {
      const event = this.#waiting.shift();
      if (!event) return;
      const sending = this.#publish(event).finally(() => {
        this.#sending.delete(sending);
        this.#send();
      });
      this.#sending.add(sending);
    }
    if (this.#sending.size === 0) this.#sendLater();
  }

  #mostAtOnce(): number {
    const { isBusy, holdMs = HOLD_MS } = this.#options;
    if (this.#isFlushing || !isBusy?.()) return SENDERS;
    return performance.now() - this.#waitingSince < holdMs ? 0 : 1;
  }

  #sendLater(): void {
    this.#lookAgain ??= setTimeout(() => {
      this.#lookAgain = undefined;
      this.#send();
    }, LOOK_EVERY_MS);
  }

  async #publish(event: NewEvent): Promise<void> {
    const backoff = new Backoff({ initialMs: 200, maxMs: 2_000 });
    for (let attempt = 1; ; attempt++) {
      try {
        return await createEvent(this.#options.transport, event);
      } catch (err) {
        // By an attempt whose answer was lost, or by another process.
        if (err instanceof AlreadyExistsError) return;
        if (!isTransient(err) || attempt === ATTEMPTS) return this.#giveUp(event, err);
        await sleep(backoff.next(retryAfterMsOf(err)));
      }
    }
  }

  #giveUp({ reason, involvedObject }: NewEvent, err: unknown): void {
    const { namespace, name } = involvedObject;
    this.#options.logger.warn({ err, reason, namespace, name }, 'event was not published');
  }
}

function withNameOf(event: NewEvent, occasion: string): NewEvent {
  const { name, uid } = event.involvedObject;
  const digest = createHash('sha256').update(`${uid} ${event.reason} ${occasion}`).digest('hex');
  return { ...event, metadata: { ...event.metadata, name: `${name}.${digest.slice(0, 16)}` } };
}
