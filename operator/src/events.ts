// Publishes Kubernetes Events about groups. An Event that cannot be published is logged; nothing else depends on it.
import { Backoff, isTransient, type KubeTransport, sleep } from '@konductor/client';
import { API_GROUP_VERSION, toSeconds, type WaitGroup } from '@konductor/schema';
import type { CoreV1Event } from '@kubernetes/client-node';
import type { Logger } from './framework/logger.ts';
import type { EventDescription } from './reconcile.ts';

const COMPONENT = 'konductor-operator';
const ATTEMPTS = 5;

export class EventRecorder {
  readonly #transport: KubeTransport;
  readonly #logger: Logger;
  readonly #instance: string;
  readonly #pending = new Set<Promise<void>>();

  /** `instance`: which of several operators speaks, such as the pod's name. */
  constructor(transport: KubeTransport, logger: Logger, instance: string) {
    this.#transport = transport;
    this.#logger = logger;
    this.#instance = instance;
  }

  /** Returns at once. */
  record(waitGroup: WaitGroup, event: EventDescription): void {
    const publishing = this.#publish(this.#body(waitGroup, event, new Date())).finally(() =>
      this.#pending.delete(publishing),
    );
    this.#pending.add(publishing);
  }

  /** Resolves when all that was recorded is published or given up. */
  async flush(): Promise<void> {
    await Promise.all(this.#pending);
  }

  async #publish(body: KubernetesEvent): Promise<void> {
    const backoff = new Backoff({ initialMs: 200, maxMs: 2_000 });
    const path = `/api/v1/namespaces/${encodeURIComponent(body.metadata.namespace ?? '')}/events`;
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#transport.request({ method: 'POST', path, body, query: { fieldManager: COMPONENT } });
        return;
      } catch (err) {
        if (!isTransient(err) || attempt === ATTEMPTS) return this.#giveUp(body, err);
        await sleep(backoff.next());
      }
    }
  }

  #giveUp({ reason, involvedObject }: KubernetesEvent, err: unknown): void {
    const { namespace, name } = involvedObject;
    this.#logger.warn({ err, reason, namespace, name }, 'event was not published');
  }

  #body({ metadata }: WaitGroup, event: EventDescription, now: Date): KubernetesEvent {
    const { name, namespace, uid, resourceVersion } = metadata;
    // The time in the name is client-go's way to tell Events about one object apart.
    const unique = `${(now.getTime() * 1_000_000 + Math.floor(Math.random() * 1_000_000)).toString(16)}`;
    return {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: `${name}.${unique}`, namespace },
      involvedObject: { apiVersion: API_GROUP_VERSION, kind: 'WaitGroup', name, namespace, uid, resourceVersion },
      ...event,
      source: { component: COMPONENT, host: this.#instance },
      reportingComponent: COMPONENT,
      reportingInstance: this.#instance,
      firstTimestamp: toSeconds(now),
      lastTimestamp: toSeconds(now),
      count: 1,
    };
  }
}

/** A core/v1 Event in the JSON that is sent: client-node's type holds Dates, and undefined for absent fields. */
type KubernetesEvent = Pick<CoreV1Event, 'apiVersion' | 'kind' | 'reason' | 'message' | 'type' | 'count'> & {
  readonly metadata: { readonly name: string; readonly namespace: string | undefined };
  readonly involvedObject: Readonly<Record<string, string | undefined>>;
  readonly source: { readonly component: string; readonly host: string };
  readonly reportingComponent: string;
  readonly reportingInstance: string;
  readonly firstTimestamp: string;
  readonly lastTimestamp: string;
};
