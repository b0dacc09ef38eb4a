// A namespace whose Jobs count for WaitGroups by their label. There is no Job controller: tests write what it would report.
import { createEvent, type KubeObject, newEvent } from '@konductor/client';
import type { WaitGroup, WaitGroupStatus, WaitGroupWorkerSpec } from '@konductor/schema';
import { expect, inject } from 'vitest';
import { type EventAbout, eventsAbout } from '../cluster/events-about.ts';
import { completeJob, createJob, deleteJob, failJob, type NewJob, patchJob } from '../cluster/pods.ts';
import { api, create, transport } from '../cluster/raw-requests.ts';
import { identityOf, statusOf, workersIn } from '../cluster/worker-records.ts';
import { eventually } from '../waiting/eventually.ts';

const COUNTS_FOR = 'konductor.io/counts-for';

type Identity = ReturnType<typeof identityOf>;
type Policy = NonNullable<WaitGroup['spec']>['workerPolicy'];

export class CountingJobs {
  readonly namespace: string;
  readonly #access = inject('controlPlane');
  #names = 0;

  constructor(namespace: string) {
    this.namespace = namespace;
  }

  newName(kind: string): string {
    return `${kind}-${++this.#names}`;
  }

  async group(workerPolicy: Policy = 'Keep', name = this.newName('group')): Promise<Identity> {
    return identityOf(await create(this.namespace, { metadata: { name }, spec: { workerPolicy } }));
  }

  /** Of a new name unless one is given. */
  create(group: Pick<Identity, 'name'>, parts: Partial<NewJob> = {}, spec: object = {}): Promise<KubeObject> {
    const { namespace } = this;
    const labels = { [COUNTS_FOR]: group.name };
    return createJob(this.#access, { namespace, name: this.newName('job'), labels, ...parts }, spec);
  }

  complete({ metadata: { name } }: KubeObject): Promise<unknown> {
    return completeJob(this.#access, { namespace: this.namespace, name });
  }

  fail({ metadata: { name } }: KubeObject): Promise<unknown> {
    return failJob(this.#access, { namespace: this.namespace, name });
  }

  /** An Event about a Job, as its controller publishes it. */
  report(job: KubeObject, reason: string, message: string, component = 'job-controller'): Promise<void> {
    const about = { ...job, apiVersion: 'batch/v1', kind: 'Job' };
    const type = reason.endsWith('Exceeded') ? 'Warning' : 'Normal';
    return createEvent(transport, newEvent(about, { type, reason, message }, { component, instance: '' }));
  }

  delete({ metadata: { name } }: KubeObject): Promise<void> {
    return deleteJob(this.#access, { namespace: this.namespace, name });
  }

  /** Null: without the label. */
  label({ metadata: { name } }: KubeObject, group: string | null): Promise<unknown> {
    return patchJob(
      this.#access,
      { namespace: this.namespace, name },
      { metadata: { labels: { [COUNTS_FOR]: group } } },
    );
  }

  suspend({ metadata: { name } }: KubeObject, suspend: boolean): Promise<unknown> {
    return patchJob(this.#access, { namespace: this.namespace, name }, { spec: { suspend } });
  }

  reaches(group: Identity, expected: Partial<WaitGroupStatus> | object): Promise<WaitGroupStatus> {
    return eventually(`${JSON.stringify(expected)} of ${group.name}`, async () => {
      const status = await statusOf(group);
      expect(status).toMatchObject(expected);
      return status;
    });
  }

  /** The tallies of all Jobs of a WaitGroup. */
  async records({ uid }: Identity): Promise<readonly WaitGroupWorkerSpec[]> {
    const records = await workersIn({ namespace: this.namespace, name: '', uid });
    return records.filter(({ spec }) => spec.waitGroupUid === uid).map(({ spec }) => spec);
  }

  /** All Events of a reason about a WaitGroup, once there is one. */
  events({ name }: Identity, reason: string): Promise<readonly EventAbout[]> {
    return eventually(`the Event ${reason} about ${name}`, async () => {
      const about = (await eventsAbout(this.#access, await api.get(this.namespace, name))) ?? [];
      const found = about.filter((event) => event.reason === reason);
      return found.length > 0 && found;
    });
  }
}
