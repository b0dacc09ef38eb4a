// Publishes Kubernetes Events about groups, one after the other as client-go does, so that a thousand of them do not hold up
// the writes that they tell of. An Event that cannot be published is logged; nothing else depends on it.
import {
  Backoff,
  createEvent,
  type EventDescription,
  isTransient,
  type KubeTransport,
  type NewEvent,
  newEvent,
  sleep,
} from '@konductor/client';
import type { WaitGroup } from '@konductor/schema';
import type { Logger } from './framework/logger.ts';

const COMPONENT = 'konductor-operator';
const ATTEMPTS = 5;

export class EventRecorder {
  readonly #transport: KubeTransport;
  readonly #logger: Logger;
  readonly #instance: string;
  #published = Promise.resolve();

  /** `instance`: which of several operators speaks, such as the pod's name. */
  constructor(transport: KubeTransport, logger: Logger, instance: string) {
    this.#transport = transport;
    this.#logger = logger;
    this.#instance = instance;
  }

  /** Returns at once. */
  record(waitGroup: WaitGroup, event: EventDescription): void {
    const described = newEvent(waitGroup, event, { component: COMPONENT, instance: this.#instance });
    this.#published = this.#published.then(() => this.#publish(described));
  }

  /** Resolves when all that was recorded is published or given up. */
  async flush(): Promise<void> {
    await this.#published;
  }

  async #publish(event: NewEvent): Promise<void> {
    const backoff = new Backoff({ initialMs: 200, maxMs: 2_000 });
    for (let attempt = 1; ; attempt++) {
      try {
        return await createEvent(this.#transport, event);
      } catch (err) {
        if (!isTransient(err) || attempt === ATTEMPTS) return this.#giveUp(event, err);
        await sleep(backoff.next());
      }
    }
  }

  #giveUp({ reason, involvedObject }: NewEvent, err: unknown): void {
    const { namespace, name } = involvedObject;
    this.#logger.warn({ err, reason, namespace, name }, 'event was not published');
  }
}
