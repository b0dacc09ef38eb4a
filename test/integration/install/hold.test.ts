// What an operator can do with the permissions of KonductorHold, by its own token: it releases what is held, and every other change
// is denied.
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { grantRules } from '../../support/cluster/client-access.ts';
import {
  AFTER,
  clientOf,
  close,
  create,
  DRY,
  GATE,
  namespace,
  type PatchType,
  POD,
  patch,
  pathOf,
  prepare,
  RELEASED,
  type Resource,
  request,
} from './hold-requests.ts';

const access = inject('controlPlane');
const FOREIGN = { name: 'example.com/quota' };
const OWN = { schedulingGates: [{ ...GATE, $patch: 'delete' }] };
const KUEUE = 'kueue.x-k8s.io/admission-gated-by';
const template = { spec: POD };
const resumed = { metadata: { annotations: RELEASED }, spec: { suspend: false } };
/** A change in addition to a release. */
const also = (metadata: object, spec: object = {}) => ({
  metadata: { ...metadata, annotations: { ...RELEASED, ...(metadata as typeof resumed.metadata).annotations } },
  spec: { ...spec, suspend: false },
});

beforeAll(async () => {
  await prepare();
  const labels = { ...AFTER, app: 'a' };
  const annotations = { 'konductor.io/min-added': '3' };
  const gates = { schedulingGates: [FOREIGN, GATE] };
  const held = { suspend: true, template };
  await create('pods', { name: 'held', labels, annotations, finalizers: ['example.com/kept'] }, { ...POD, ...gates });
  await create('pods', { name: 'unlabelled' }, { ...POD, ...gates });
  await create('jobs', { name: 'held', labels, annotations, finalizers: ['example.com/kept'] }, held);
  await create('jobs', { name: 'unlabelled' }, held);
  await create('jobs', { name: 'running', labels, annotations: RELEASED }, { template });
  await create('jobs', { name: 'again', labels, annotations: RELEASED }, held);
  const queued = { ...labels, 'kueue.x-k8s.io/queue-name': 'q' };
  await create('jobs', { name: 'queued', labels: queued, annotations: { [KUEUE]: `a/b, ${GATE.name}` } }, held);
});
afterAll(close);

describe('the operator is denied', () => {
  const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'a', uid: 'b' };
  const METADATA: readonly [string, object][] = [
    ['another label', { labels: { app: 'b' } }],
    ['removing the label', { labels: { 'konductor.io/after': null } }],
    ['a finalizer', { finalizers: ['example.com/kept', 'example.com/new'] }],
    ['removing finalizers', { finalizers: null }],
    ['an owner', { ownerReferences: [owner] }],
    ['another annotation', { annotations: { a: 'b' } }],
    ['a changed annotation', { annotations: { 'konductor.io/min-added': '0' } }],
    ['removing an annotation', { annotations: { 'konductor.io/min-added': null } }],
  ];

  it.each<[string, object, PatchType?]>([
    ['another image', { spec: { ...OWN, containers: [{ name: 'main', image: 'other' }] } }],
    ['a deadline', { spec: { ...OWN, activeDeadlineSeconds: 1 } }],
    ['a toleration', { spec: { ...OWN, tolerations: [{ key: 'a', operator: 'Exists' }] } }],
    ['a node selector', { spec: { ...OWN, nodeSelector: { a: 'b' } } }],
    [
      'node affinity',
      {
        spec: {
          ...OWN,
          affinity: {
            nodeAffinity: {
              requiredDuringSchedulingIgnoredDuringExecution: {
                nodeSelectorTerms: [{ matchExpressions: [{ key: 'a', operator: 'Exists' }] }],
              },
            },
          },
        },
      },
    ],
    ['removing a foreign gate', { spec: { schedulingGates: [{ ...FOREIGN, $patch: 'delete' }] } }],
    ['removing all gates', { spec: { schedulingGates: null } }, 'merge'],
    ['removing nothing', {}],
    ...METADATA.map(([title, metadata]): [string, object] => [title, { metadata, spec: OWN }]),
  ])('%s of a held pod', async (_, body, type = 'strategic-merge') => {
    await expect(patch('pods', 'held', body, { type, query: DRY })).rejects.toThrow(/denied request: the operator/);
  });

  it.each<[string, object]>([
    ['a toleration of the pods', also({}, { template: { spec: { tolerations: [{ operator: 'Exists' }] } } })],
    ['parallelism', also({}, { parallelism: 2 })],
    ['a backoff limit', also({}, { backoffLimit: 0 })],
    ['a deadline', also({}, { activeDeadlineSeconds: 1 })],
    ['a TTL', also({}, { ttlSecondsAfterFinished: 0 })],
    ['a label of the pods', also({}, { template: { metadata: { labels: { a: 'b' } } } })],
    ['resuming without a record', { spec: { suspend: false } }],
    ['the record without resuming', { metadata: { annotations: RELEASED } }],
    ['a gate of Kueue', also({ annotations: { [KUEUE]: 'a/b' } })],
    ...METADATA.map(([title, metadata]): [string, object] => [title, also(metadata)]),
  ])('%s of a held Job', async (_, body) => {
    await expect(patch('jobs', 'held', body, { query: DRY })).rejects.toThrow(/denied request: the operator/);
  });

  it('another image of a held Job, as everybody is', async () => {
    const containers = [{ ...POD.containers[0], image: 'other' }];
    const body = also({}, { template: { spec: { containers } } });
    await expect(patch('jobs', 'held', body, { query: DRY })).rejects.toThrow(/spec\.template.*field is immutable/);
  });

  const kueueGates = (gates: string | null, spec = {}) => ({
    metadata: { annotations: { ...RELEASED, [KUEUE]: gates } },
    spec,
  });
  it.each<[string, Resource, string, object]>([
    ['removing a gate of a pod without the label', 'pods', 'unlabelled', { spec: { schedulingGates: [FOREIGN] } }],
    ['resuming a Job without the label', 'jobs', 'unlabelled', resumed],
    ['suspending a Job again', 'jobs', 'running', { spec: { suspend: true } }],
    ['releasing a Job again', 'jobs', 'again', resumed],
    ['resuming a Job of Kueue', 'jobs', 'queued', resumed],
    ['removing all gates of Kueue', 'jobs', 'queued', kueueGates(null)],
    ['removing a foreign gate of Kueue', 'jobs', 'queued', kueueGates(GATE.name)],
    ['resuming a Job of Kueue with its gate', 'jobs', 'queued', kueueGates('a/b', { suspend: false })],
  ])('%s', async (_, resource, name, body) => {
    await expect(patch(resource, name, body, { query: DRY })).rejects.toThrow(/denied request: the operator/);
  });

  it.each<[string, Parameters<typeof request>]>([
    ['pods/exec', ['POST', '/pods/held/exec']],
    [
      'pods/eviction',
      ['POST', '/pods/held/eviction', { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'held' } }],
    ],
    ['pods/binding', ['POST', '/pods/held/binding', { apiVersion: 'v1', kind: 'Binding', target: { name: 'node' } }]],
    ['pods/ephemeralcontainers', ['PATCH', '/pods/held/ephemeralcontainers', {}, 'application/merge-patch+json']],
    ['pods/resize', ['PATCH', '/pods/held/resize', {}, 'application/merge-patch+json']],
    ['pods/status', ['PATCH', '/pods/held/status', {}, 'application/merge-patch+json']],
    ['jobs/status', ['PATCH', '/jobs/held/status', {}, 'application/merge-patch+json']],
    ['deleting pods', ['DELETE', '/pods/held']],
    ['deleting Jobs', ['DELETE', '/jobs/held']],
    ['replacing Jobs', ['PUT', '/jobs/held', { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'held' } }]],
    [
      'creating Jobs by a patch',
      [
        'PATCH',
        '/jobs/new?fieldManager=a',
        { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'new' }, spec: { template } },
        'application/apply-patch+yaml',
      ],
    ],
  ])('%s', async (_, [method, path, body, contentType]) => {
    const base = pathOf(path.startsWith('/jobs') ? 'jobs' : 'pods').replace(/\/\w+$/, '');
    await expect(request(method, `${base}${path}`, body, contentType)).rejects.toThrow(/cannot \w+ resource/);
  });
});

describe('the operator releases', () => {
  it('a pod, by removing its own gate only', async () => {
    const { spec } = await patch('pods', 'held', { spec: OWN }, { type: 'strategic-merge' });
    expect(spec.schedulingGates).toEqual([FOREIGN]);
  });

  it('a Job, once', async () => {
    const { metadata, spec } = await patch('jobs', 'held', resumed);
    expect([metadata.annotations, spec.suspend]).toMatchObject([RELEASED, false]);
    await expect(patch('jobs', 'held', resumed)).rejects.toThrow(/denied request: the operator/);
  });

  it('a Job of Kueue, by removing its own entry only, and leaves it suspended', async () => {
    const { metadata, spec } = await patch('jobs', 'queued', {
      metadata: { annotations: { ...RELEASED, [KUEUE]: 'a/b' } },
    });
    expect([metadata.annotations[KUEUE], spec.suspend]).toEqual(['a/b', true]);
  });
});

it('other accounts change Jobs and pods as their own permissions allow', async () => {
  const rules = [
    { apiGroups: [''], resources: ['pods'], verbs: ['patch'] },
    { apiGroups: ['batch'], resources: ['jobs'], verbs: ['patch'] },
  ];
  const client = await clientOf('another');
  await grantRules(access, { namespace, rules, name: 'another' });
  const by = { client, query: DRY };
  expect((await patch('jobs', 'running', { spec: { suspend: true } }, by)).spec.suspend).toBe(true);
  expect((await patch('jobs', 'unlabelled', { spec: { suspend: false } }, by)).spec.suspend).toBe(false);
  expect((await patch('pods', 'unlabelled', { spec: { schedulingGates: null } }, by)).spec.schedulingGates).toBe(
    undefined,
  );
  client.close();
});
