// What KonductorHold adds to Jobs and pods with the label alone when they are created, by the admission of a real API server.
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { Manifest } from '../../cdk8s/synth.ts';
import { grantRules } from '../../support/cluster/client-access.ts';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import { kubectlJson } from '../../support/processes/kubectl.ts';
import {
  AFTER,
  clientOf,
  close,
  create,
  DRY,
  GATE,
  namespace,
  POD,
  patch,
  pathOf,
  prepare,
  RELEASED,
} from './hold-requests.ts';

const access = inject('controlPlane');
const FOREIGN = { name: 'example.com/quota' };
const KUEUE = 'kueue.x-k8s.io/admission-gated-by';
const QUEUED = { ...AFTER, 'kueue.x-k8s.io/queue-name': 'q' };
const MANY = ','.repeat(100_000);
const template = { spec: POD };

beforeAll(prepare);
afterAll(close);

/** `suspend` and the gates of Kueue, as they would be stored. */
async function job(metadata: object, spec: object = {}, home?: string): Promise<[boolean, string?]> {
  const stored = await create('jobs', { name: 'job', ...metadata }, { template, ...spec }, DRY, home);
  return [stored.spec.suspend, stored.metadata.annotations?.[KUEUE]];
}

async function gates(metadata: object, spec: object = {}, home?: string): Promise<object[] | undefined> {
  return (await create('pods', { name: 'pod', ...metadata }, { ...POD, ...spec }, DRY, home)).spec.schedulingGates;
}

describe('a Job', () => {
  const queued = (annotation?: string) => ({
    labels: QUEUED,
    ...(annotation && { annotations: { [KUEUE]: annotation } }),
  });

  it.each<[string, object, object, [boolean, string?]]>([
    ['with the label is suspended', { labels: AFTER }, {}, [true, undefined]],
    ['that sets suspend to false is suspended', { labels: AFTER }, { suspend: false }, [true, undefined]],
    ['that is suspended remains so', { labels: AFTER }, { suspend: true }, [true, undefined]],
    ['of Kueue gets its annotation', queued(), {}, [false, GATE.name]],
    ['of Kueue keeps other entries', queued('a/b, c/d'), { suspend: true }, [true, `a/b, c/d,${GATE.name}`]],
    ['of Kueue with the entry is not changed', queued(`${GATE.name} ,a/b`), {}, [false, `${GATE.name} ,a/b`]],
    ['of Kueue with an entry of a longer name', queued(`x${GATE.name}`), {}, [false, `x${GATE.name},${GATE.name}`]],
    [
      'of Kueue with 100,000 entries is not too much for the API server',
      queued(MANY),
      {},
      [false, `${MANY},${GATE.name}`],
    ],
    [
      'that was released, and is restored, is not held again',
      { labels: AFTER, annotations: RELEASED },
      {},
      [false, undefined],
    ],
    ['without the label is not held', { labels: { app: 'a' } }, {}, [false, undefined]],
    ['without labels is not held', {}, {}, [false, undefined]],
  ])('%s', async (_, metadata, spec, stored) => {
    expect(await job(metadata, spec)).toEqual(stored);
  });
});

describe('a pod', () => {
  const mirror = { annotations: { 'kubernetes.io/config.mirror': 'x' } };

  it.each<[string, object, object, object[] | undefined]>([
    ['with the label gets the gate', { labels: AFTER }, {}, [GATE]],
    ['keeps other gates', { labels: AFTER }, { schedulingGates: [FOREIGN] }, [FOREIGN, GATE]],
    ['with the gate keeps it once', { labels: AFTER }, { schedulingGates: [GATE, FOREIGN] }, [GATE, FOREIGN]],
    ['with a node, which accepts no gate, is not held', { labels: AFTER }, { nodeName: 'node' }, undefined],
    ['that mirrors a static one is not held', { labels: AFTER, ...mirror }, { nodeName: 'node' }, undefined],
    ['without the label is not held', { labels: { app: 'a' } }, {}, undefined],
    ['without labels is not held', {}, {}, undefined],
  ])('%s', async (_, metadata, spec, stored) => {
    expect(await gates(metadata, spec)).toEqual(stored);
  });
});

it('what a user creates with the permissions of its own account is held', async () => {
  const rules = [
    { apiGroups: ['batch'], resources: ['jobs'], verbs: ['create'] },
    { apiGroups: [''], resources: ['pods'], verbs: ['create'] },
  ];
  const user = await clientOf('user');
  await grantRules(access, { namespace, rules, name: 'user' });
  const post = (resource: 'jobs' | 'pods', spec: object) =>
    user.request<Manifest>({ method: 'POST', path: pathOf(resource), query: DRY, body: { metadata, spec } });
  const metadata = { name: 'own', labels: AFTER };
  expect((await post('jobs', { template })).spec.suspend).toBe(true);
  expect((await post('pods', POD)).spec.schedulingGates).toEqual([GATE]);
  user.close();
});

it('nothing is held in a namespace that the operator does not watch', async () => {
  const home = await createNamespace(access, 'unwatched');
  expect(await job({ labels: AFTER }, {}, home)).toEqual([false, undefined]);
  expect(await gates({ labels: AFTER }, {}, home)).toBe(undefined);
});

describe.each(['--server-side', '--server-side=false'])('kubectl apply %s', (mode) => {
  const apply = async (kind: string, spec: object) => {
    const apiVersion = kind === 'Job' ? 'batch/v1' : 'v1';
    const metadata = { name: `applied${mode.length}`, namespace, labels: AFTER };
    const input = JSON.stringify({ apiVersion, kind, metadata, spec });
    return kubectlJson<Manifest>(access, ['apply', mode, '-f', '-'], { input });
  };

  it('changes nothing the second time, while the Job is held and after it was released', async () => {
    const first = await apply('Job', { template });
    expect(first.spec.suspend).toBe(true);
    expect((await apply('Job', { template })).metadata.resourceVersion).toBe(first.metadata.resourceVersion);
    const body = { metadata: { annotations: RELEASED }, spec: { suspend: false } };
    const released = await patch('jobs', first.metadata.name, body);
    expect((await apply('Job', { template })).metadata.resourceVersion).toBe(released.metadata.resourceVersion);
  });

  it('changes nothing the second time, while the pod is held and after it was released', async () => {
    const first = await apply('Pod', POD);
    expect(first.spec.schedulingGates).toEqual([GATE]);
    expect((await apply('Pod', POD)).metadata.resourceVersion).toBe(first.metadata.resourceVersion);
    const body = { spec: { schedulingGates: [{ ...GATE, $patch: 'delete' }] } };
    const released = await patch('pods', first.metadata.name, body, { type: 'strategic-merge' });
    expect((await apply('Pod', POD)).metadata.resourceVersion).toBe(released.metadata.resourceVersion);
  });
});
