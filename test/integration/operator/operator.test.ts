import { WaitGroupClient } from '@konductor/client';
import { annotateOperation, initialStatus, type WaitGroup } from '@konductor/schema';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { eventsAbout } from '../../support/cluster/events-about.ts';
import { installOperator, operatorRequests, startOperatorIn } from '../../support/cluster/installed-operator.ts';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import { sample } from '../../support/cluster/prometheus.ts';
import { api, count, create, replaceStatus, transport } from '../../support/cluster/raw-requests.ts';
import { kubectlJson } from '../../support/processes/kubectl.ts';
import { metricsOf } from '../../support/processes/operator.ts';
import { eventually } from '../../support/waiting/eventually.ts';

const controlPlane = inject('controlPlane');
let kubeconfig: string;

beforeAll(async () => {
  kubeconfig = await installOperator(controlPlane);
});

interface Managed {
  readonly manager: string;
  readonly fieldsV1: object;
}

/** A namespace with an operator that watches it. */
async function startIn(prefix: string) {
  const namespace = await createNamespace(controlPlane, prefix);
  return { namespace, operator: await startOperatorIn(namespace, kubeconfig) };
}

/** The WaitGroup, once it has reached this state. */
const once = (namespace: string, what: string, isReached: (group: WaitGroup) => unknown): Promise<WaitGroup> =>
  eventually(what, async () => {
    const group = await api.get(namespace, 'group');
    return isReached(group) ? group : undefined;
  });
const initialised = (namespace: string) => once(namespace, 'the initial status', ({ status }) => status);
const completed = (namespace: string) => once(namespace, 'the completion', ({ status }) => status?.completedAt);

describe('a new WaitGroup', () => {
  it.each([
    ['without a spec', {}],
    ['with an initial count', { initialCount: 3 }],
    ['that an operation created', { initialCount: 3 }, annotateOperation({ id: 'op-0', by: 'worker' })],
    [
      'with annotations that no record can hold',
      { initialCount: 3 },
      annotateOperation({ id: 'x'.repeat(200_000), by: '\u001b[31m' }),
    ],
    [
      'with the annotation of a name that no record can hold',
      { initialCount: 3 },
      annotateOperation({ id: 'op-0', by: 'größe\n' }),
    ],
  ])('%s gets the status that a client would write, and observedGeneration', async (_name, spec, annotations = {}) => {
    const { namespace } = await startIn('new');
    await create(namespace, { spec, metadata: { annotations } });
    const group = await initialised(namespace);
    expect(group.status).toEqual({ ...initialStatus(group), observedGeneration: 1 });
  });

  it('keeps what a client counted before the operator started', async () => {
    const namespace = await createNamespace(controlPlane, 'new');
    const counted = await count(await create(namespace, {}), 2);
    await startOperatorIn(namespace, kubeconfig);
    const group = await once(namespace, 'the observation', ({ status }) => status?.observedGeneration === 1);
    expect(group.status).toEqual({ ...counted.status, observedGeneration: 1 });
  });
});

describe('a completion', () => {
  it('keeps metadata and managed fields of others, although the operator caches neither', async () => {
    const { namespace } = await startIn('completion');
    // The API server tracks no manager of an object that sets no fields.
    const set = { labels: { app: 'a' }, annotations: { note: 'b' }, finalizers: ['example.com/hold'] };
    await create(namespace, { metadata: set, spec: { ttl: '1h' } }, { fieldManager: 'creator' });
    await count(await initialised(namespace), 3, -3);
    await completed(namespace);
    const { metadata } = await kubectlJson<{ metadata: { managedFields: Managed[] } }>(controlPlane, [
      ...['get', 'waitgroup', 'group', '-n', namespace, '--show-managed-fields'],
    ]);
    expect(metadata).toMatchObject(set);
    const managers = metadata.managedFields.map(({ manager }) => manager);
    expect(managers.sort()).toEqual(['creator', 'konductor-operator', 'konductor-test']);
    expect(metadata.managedFields.find(({ manager }) => manager === 'creator')?.fieldsV1).toMatchObject({
      'f:metadata': { 'f:labels': { 'f:app': {} }, 'f:annotations': { 'f:note': {} }, 'f:finalizers': {} },
      'f:spec': { 'f:ttl': {} },
    });
  });

  it('gets completedAt and an Event, and keeps what the counting rule wrote', async () => {
    const { namespace } = await startIn('completion');
    await create(namespace, {});
    const counted = await count(await initialised(namespace), 3, -3);
    const group = await completed(namespace);
    const completedAt = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(group.status).toEqual({ ...counted.status, completedAt });
    expect(group.status?.conditions).toMatchObject([{ type: 'Done', status: 'True', reason: 'Completed' }]);
    expect(await eventually('the Event', () => eventsAbout(controlPlane, group))).toMatchObject([
      { type: 'Normal', reason: 'Completed', message: 'All 3 completed', source: { component: 'konductor-operator' } },
    ]);
  });

  it('gets one Event for each round', async () => {
    const { namespace } = await startIn('rounds');
    await create(namespace, {});
    await count(await initialised(namespace), 1, -1);
    const first = await completed(namespace);
    const lifted = await count(first, 1);
    expect(lifted.status).not.toHaveProperty('completedAt');
    await count(await api.get(namespace, 'group'), -1);
    await completed(namespace);
    const events = await eventually('two Events', async () => (await eventsAbout(controlPlane, first))?.length === 2);
    expect(events).toBe(true);
  });
});

describe('a status that was written by hand', () => {
  it('gets its conditions, so that kubectl wait works', async () => {
    const namespace = await createNamespace(controlPlane, 'hand');
    await replaceStatus(await create(namespace, {}), { counter: 3, phase: 'Waiting' });
    await startOperatorIn(namespace, kubeconfig);
    const { status } = await once(namespace, 'the condition', ({ status }) => status?.conditions);
    expect(status).toMatchObject({ counter: 3, phase: 'Waiting', conditions: [{ type: 'Done', status: 'False' }] });
  });
});

describe('the operator', () => {
  it('writes under its own account, with its own field manager, and once for each transition', async () => {
    const { namespace } = await startIn('audit');
    // The API server tracks no manager of an object that sets no fields.
    await create(namespace, { spec: { ttl: '1h' } });
    let group = await initialised(namespace);
    for (const delta of [5, -1, -1, -3]) group = await count(group, delta);
    await completed(namespace);
    const isComplete = async () => (await operatorRequests(controlPlane, namespace)).length >= 5;
    await eventually('the last request', isComplete);
    const requests = await operatorRequests(controlPlane, namespace);
    const writes = requests.filter(({ verb, responseStatus }) => verb === 'update' && responseStatus?.code === 200);
    expect(writes.map(({ objectRef }) => objectRef?.subresource)).toEqual(['status', 'status']);
    for (const { requestURI, userAgent } of writes) {
      expect(requestURI).toMatch(/fieldManager=konductor-operator&fieldValidation=Strict/);
      expect(userAgent).toMatch(/^konductor-operator\/\d/);
    }
    const managed = ['get', 'wg', 'group', '-n', namespace, '--show-managed-fields'];
    const { metadata } = await kubectlJson<{ metadata: { managedFields: object[] } }>(controlPlane, managed);
    expect(metadata.managedFields).toContainEqual(
      expect.objectContaining({ manager: 'konductor-operator', subresource: 'status' }),
    );
  });

  it('reports how long the oldest WaitGroup has waited, until its round is decided', async () => {
    const { namespace, operator } = await startIn('oldest');
    const waitedSeconds = async () =>
      sample(await metricsOf(operator), 'konductor_waitgroup_longest_wait_seconds', '') ?? Number.NaN;
    expect(await waitedSeconds()).toBe(0);
    const client = new WaitGroupClient(transport, { namespace });
    const ends = {
      done: () => client.done('done'),
      failed: () => client.fail('failed', { message: 'no space left' }, 0),
    };
    for (const [name, end] of Object.entries(ends)) {
      await create(namespace, { metadata: { name }, spec: { initialCount: 1 } });
      await eventually('more than a second', async () => (await waitedSeconds()) > 1);
      await end();
      await eventually(`the end of ${name}`, async () => (await waitedSeconds()) === 0);
    }
  });

  it('reconciles WaitGroups that were created, counted and deleted while it was down', async () => {
    const { namespace, operator: first } = await startIn('down');
    await create(namespace, {});
    await initialised(namespace);
    expect(await first.stop()).toBe(0);
    await count(await api.get(namespace, 'group'), 2, -2);
    await create(namespace, { metadata: { name: 'made' } });
    await create(namespace, { metadata: { name: 'deleted' } });
    await api.delete(namespace, 'deleted', {});
    await startOperatorIn(namespace, kubeconfig);
    await completed(namespace);
    await eventually('the initial status', async () => (await api.get(namespace, 'made')).status);
  });
});
