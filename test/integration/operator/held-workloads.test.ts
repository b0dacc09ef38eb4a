// Jobs and pods that wait for a WaitGroup, let go by the compiled operator. Nothing starts them: there are no controllers.
import { WaitGroupClient } from '@konductor/client';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { installOperator } from '../../support/cluster/installed-operator.ts';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import { sample } from '../../support/cluster/prometheus.ts';
import { transport } from '../../support/cluster/raw-requests.ts';
import {
  createHeldJob,
  createHeldPod,
  type HeldWorkload,
  isLetGo,
  type NewWorkload,
  permitRelease,
  readWorkload,
  workloadEvents,
} from '../../support/pods/held-workloads.ts';
import { metricsOf, type OperatorProcess, startOperator } from '../../support/processes/operator.ts';
import { eventually } from '../../support/waiting/eventually.ts';

const controlPlane = inject('controlPlane');
const KUEUE = 'kueue.x-k8s.io/admission-gated-by';
let namespace: string;
let operator: OperatorProcess;
let client: WaitGroupClient;
let names = 0;

beforeAll(async () => {
  const kubeconfig = await installOperator(controlPlane);
  namespace = await createNamespace(controlPlane, 'hold');
  await permitRelease(controlPlane, namespace);
  client = new WaitGroupClient(transport, { namespace });
  operator = await startOperator({ kubeconfig, args: [`--watch-namespace=${namespace}`] });
});
afterAll(() => operator.stop());

type Parts = Partial<NewWorkload>;

/** A WaitGroup with outstanding work, unless it is given another count. */
async function newGroup(initialCount = 1): Promise<string> {
  const name = `group-${++names}`;
  await client.create({ name, spec: { initialCount } });
  return name;
}
const newJob = (after: string, parts: Parts = {}) =>
  createHeldJob(controlPlane, after, { namespace, name: `job-${++names}`, ...parts });
const newPod = (after: string, parts: Parts = {}) =>
  createHeldPod(controlPlane, after, { namespace, name: `pod-${++names}`, ...parts });

const read = (object: HeldWorkload) => readWorkload(controlPlane, object);
const letGo = (object: HeldWorkload): Promise<HeldWorkload> =>
  eventually(`the release of ${object.metadata.name}`, async () => {
    const now = await read(object);
    return isLetGo(now) && now;
  });
const isHeld = async (object: HeldWorkload) => !isLetGo(await read(object));
const event = (object: HeldWorkload, reason: string) =>
  eventually(`${reason} of ${object.metadata.name}`, async () =>
    (await workloadEvents(controlPlane, namespace, object)).find((one) => one.reason === reason),
  );
const annotated = (name: string, value: string): Parts => ({ annotations: { [`konductor.io/${name}`]: value } });

/** Once another object that was judged after it is let go, the operator has seen what let that one go. */
async function isStillHeld(object: HeldWorkload): Promise<void> {
  await letGo(await newJob(await newGroup(0), annotated('min-added', '0')));
  expect(await isHeld(object)).toBe(true);
}

describe('a held workload is let go when the WaitGroup is done', () => {
  it('a Job by suspend, and nothing else of it is changed', async () => {
    const group = await newGroup();
    const job = await newJob(group);
    await isStillHeld(job);
    const before = await released('Job');
    await client.done(group);
    const { metadata, spec } = await letGo(job);
    expect(spec).toEqual({ ...job.spec, suspend: false });
    expect(Date.parse(metadata.annotations?.['konductor.io/released-at'] ?? '')).toBeGreaterThan(0);
    expect(await event(job, 'Released')).toMatchObject({ type: 'Normal', message: `WaitGroup ${group} is done` });
    expect(await released('Job')).toBe(before + 1);
  });

  it('a pod by its gate, and gates of others stay', async () => {
    const group = await newGroup();
    const gates = [{ name: 'a.b/first' }, { name: 'konductor.io/after' }, { name: 'z.b/last' }];
    const pods = [await newPod(group), await newPod(group, { spec: { schedulingGates: gates } })];
    await client.done(group);
    const [first, second] = await Promise.all(pods.map(letGo));
    expect(first?.spec.schedulingGates ?? []).toEqual([]);
    expect(second?.spec.schedulingGates).toEqual([{ name: 'a.b/first' }, { name: 'z.b/last' }]);
  });

  it("a Job of Kueue by its annotation, and suspend and gates of others stay Kueue's", async () => {
    const group = await newGroup();
    const labels = { 'kueue.x-k8s.io/queue-name': 'team' };
    const held = (gates: string) => newJob(group, { labels, annotations: { [KUEUE]: gates } });
    const jobs = [await held('konductor.io/after'), await held('a.b/quota,konductor.io/after')];
    const foreign = await newJob(group, { labels });
    await client.done(group);
    const [first, second] = await Promise.all(jobs.map(letGo));
    expect(first?.metadata.annotations?.[KUEUE]).toBeUndefined();
    expect(second?.metadata.annotations?.[KUEUE]).toBe('a.b/quota');
    for (const job of [...jobs, foreign]) expect((await read(job)).spec.suspend).toBe(true);
    await isStillHeld(foreign);
  });
});

const released = async (kind: string) =>
  sample(await metricsOf(operator), 'konductor_released_total', `kind="${kind}"`) ?? Number.NaN;
