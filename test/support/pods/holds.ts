// WaitGroups of one namespace, and the Jobs and pods that wait for them, as tests create and observe them.
import { WaitGroupClient } from '@konductor/client';
import type { WaitGroup } from '@konductor/schema';
import { inject } from 'vitest';
import { transport } from '../cluster/raw-requests.ts';
import { eventually } from '../waiting/eventually.ts';
import {
  createHeldJob,
  createHeldPod,
  type HeldWorkload,
  isLetGo,
  type NewWorkload,
  patchWorkload,
  readWorkload,
  type WorkloadEvent,
  workloadEvents,
} from './held-workloads.ts';

type Parts = Partial<NewWorkload>;

export const annotated = (name: string, value: string): Parts => ({ annotations: { [`konductor.io/${name}`]: value } });

export class Holds {
  readonly namespace: string;
  readonly client: WaitGroupClient;
  readonly #controlPlane = inject('controlPlane');
  #names = 0;

  constructor(namespace: string) {
    this.namespace = namespace;
    this.client = new WaitGroupClient(transport, { namespace });
  }

  /** With one unit of outstanding work, unless the spec says otherwise. */
  async group(spec: WaitGroup['spec'] = {}): Promise<string> {
    const name = `group-${++this.#names}`;
    await this.client.create({ name, spec: { initialCount: 1, ...spec } });
    return name;
  }

  job(after: string, parts: Parts = {}): Promise<HeldWorkload> {
    return createHeldJob(this.#controlPlane, after, this.#named('job', parts));
  }

  pod(after: string, parts: Parts = {}): Promise<HeldWorkload> {
    return createHeldPod(this.#controlPlane, after, this.#named('pod', parts));
  }

  pods(after: string, count: number, parts: Parts = {}): Promise<HeldWorkload[]> {
    return Promise.all(Array.from({ length: count }, () => this.pod(after, parts)));
  }

  read(object: HeldWorkload): Promise<HeldWorkload> {
    return readWorkload(this.#controlPlane, object);
  }

  patch(object: HeldWorkload, body: object): Promise<HeldWorkload> {
    return patchWorkload(this.#controlPlane, object, body);
  }

  async isHeld(object: HeldWorkload): Promise<boolean> {
    return !isLetGo(await this.read(object));
  }

  /** Resolves with the object once it is let go. */
  letGo(object: HeldWorkload): Promise<HeldWorkload> {
    return eventually(`the release of ${object.metadata.name}`, async () => {
      const now = await this.read(object);
      return isLetGo(now) && now;
    });
  }

  /** Resolves when the operator has judged everything that happened before: it has let another object go. */
  async hasJudged(): Promise<void> {
    const parts = annotated('min-added', '0');
    await this.letGo(await this.job(await this.group({ initialCount: 0 }), parts));
  }

  /** Whether it is held after the operator has judged it. */
  async staysHeld(object: HeldWorkload): Promise<boolean> {
    await this.hasJudged();
    return this.isHeld(object);
  }

  events(about?: HeldWorkload): Promise<readonly WorkloadEvent[]> {
    return workloadEvents(this.#controlPlane, this.namespace, about);
  }

  /** Resolves with the first Event of this reason about the object. */
  event(about: HeldWorkload, reason: string): Promise<WorkloadEvent> {
    return eventually(`${reason} of ${about.metadata.name}`, async () =>
      (await this.events(about)).find((event) => event.reason === reason),
    );
  }

  #named(kind: string, parts: Parts): NewWorkload {
    return { namespace: this.namespace, name: `${kind}-${++this.#names}`, ...parts };
  }
}
