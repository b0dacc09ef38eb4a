// Jobs and pods that wait for a WaitGroup, let go by the compiled operator. Nothing starts them: there are no controllers.
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { installOperator } from '../../support/cluster/installed-operator.ts';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import { sample } from '../../support/cluster/prometheus.ts';
import { annotated, Holds } from '../../support/pods/holds.ts';
import { installHold } from '../../support/pods/installed-hold.ts';
import { metricsOf, type OperatorProcess, startOperator } from '../../support/processes/operator.ts';
import { eventually } from '../../support/waiting/eventually.ts';

const controlPlane = inject('controlPlane');
const KUEUE = 'kueue.x-k8s.io/admission-gated-by';
let holds: Holds;
let operator: OperatorProcess;

beforeAll(async () => {
  const kubeconfig = await installOperator(controlPlane);
  const namespace = await createNamespace(controlPlane, 'hold');
  await installHold(controlPlane, namespace, kubeconfig);
  holds = new Holds(namespace);
  operator = await startOperator({ kubeconfig, args: [`--watch-namespace=${namespace}`] });
});
afterAll(() => operator.stop());

const metric = async (name: string, kind: string) =>
  sample(await metricsOf(operator), `konductor_${name}`, `kind="${kind}"`) ?? Number.NaN;

describe('when the WaitGroup is done, the operator lets go', () => {
  it('a Job by suspend, and changes nothing else of it', async () => {
    const group = await holds.group();
    const job = await holds.job(group);
    expect(await holds.staysHeld(job)).toBe(true);
    const before = await metric('released_total', 'Job');
    expect(await metric('held_objects', 'Job')).toBe(1);
    await holds.client.done(group);
    const { metadata, spec } = await holds.letGo(job);
    expect(spec).toEqual({ ...job.spec, suspend: false });
    expect(Date.parse(metadata.annotations?.['konductor.io/released-at'] ?? '')).toBeGreaterThan(0);
    const released = { type: 'Normal', message: `WaitGroup ${group} is done` };
    expect(await holds.event(job, 'Released')).toMatchObject(released);
    expect(await metric('released_total', 'Job')).toBe(before + 1);
    expect(await metric('held_objects', 'Job')).toBe(0);
  });

  it('a pod by its gate, and gates of others stay', async () => {
    const group = await holds.group();
    const gates = [{ name: 'a.b/first' }, { name: 'konductor.io/after' }, { name: 'z.b/last' }];
    const pods = [await holds.pod(group), await holds.pod(group, { spec: { schedulingGates: gates } })];
    await holds.client.done(group);
    const [first, second] = await Promise.all(pods.map((pod) => holds.letGo(pod)));
    expect(first?.spec.schedulingGates ?? []).toEqual([]);
    // By that, an operator that is started later tells it from a pod that was never held.
    expect(first?.metadata).toMatchObject({ generation: 2 });
    expect(second?.spec.schedulingGates).toEqual([{ name: 'a.b/first' }, { name: 'z.b/last' }]);
  });

  it("a Job of Kueue by its annotation, and suspend and gates of others stay Kueue's", async () => {
    const group = await holds.group();
    const labels = { 'kueue.x-k8s.io/queue-name': 'team' };
    const gated = (gates: string) => holds.job(group, { labels, annotations: { [KUEUE]: gates } });
    const jobs = [await gated('konductor.io/after'), await gated('a.b/quota,konductor.io/after')];
    const foreign = await holds.job(group, { labels });
    await holds.client.done(group);
    const [first, second] = await Promise.all(jobs.map((job) => holds.letGo(job)));
    expect(first?.metadata.annotations?.[KUEUE]).toBeUndefined();
    expect(second?.metadata.annotations?.[KUEUE]).toBe('a.b/quota');
    expect(await holds.staysHeld(foreign)).toBe(true);
    for (const job of [...jobs, foreign]) expect((await holds.read(job)).spec.suspend).toBe(true);
  });

  it('objects that come later, and not before min-added', async () => {
    const group = await holds.group();
    const early = await holds.job(group, annotated('min-added', '2'));
    const empty = await holds.job(await holds.group({ initialCount: 0 }));
    await holds.client.done(group);
    await holds.letGo(await holds.pod(group));
    expect([await holds.staysHeld(early), await holds.isHeld(empty)]).toEqual([true, true]);
    await holds.client.add(group);
    expect(await holds.staysHeld(early)).toBe(true);
    await holds.client.done(group);
    await holds.letGo(early);
  });

  it('everything, if the next round begins at once', async () => {
    const group = await holds.group();
    const pods = await holds.pods(group, 10);
    await holds.client.done(group);
    await holds.client.add(group);
    await Promise.all(pods.map((pod) => holds.letGo(pod)));
  });
});

describe('a failed round', () => {
  it('holds with an Event until a later round succeeds, and lets go what has on-failure: release', async () => {
    const group = await holds.group({ initialCount: 2 });
    const job = await holds.job(group);
    const pod = await holds.pod(group, annotated('on-failure', 'release'));
    await holds.client.fail(group, { reason: 'DiskFull', message: 'no space left' });
    await holds.letGo(pod);
    expect(await holds.event(job, 'WaitGroupFailed')).toMatchObject({
      type: 'Warning',
      message: expect.stringContaining(`WaitGroup ${group} failed (DiskFull): no space left.`),
    });
    await holds.client.done(group);
    expect(await holds.staysHeld(job)).toBe(true);
    await holds.client.add(group);
    expect(await holds.staysHeld(job)).toBe(true);
    await holds.client.done(group);
    await holds.letGo(job);
    expect((await holds.events(job)).filter(({ reason }) => reason === 'WaitGroupFailed')).toHaveLength(1);
  });
});

it('holds while the WaitGroup is deleted, and until the one that is recreated is done', async () => {
  const group = await holds.group();
  const job = await holds.job(group);
  await holds.client.delete(group);
  expect(await holds.staysHeld(job)).toBe(true);
  await holds.client.create({ name: group, spec: { initialCount: 1 } });
  expect(await holds.staysHeld(job)).toBe(true);
  await holds.client.done(group);
  await holds.letGo(job);
});

it('holds by the label that an object has, not by an earlier one', async () => {
  const [first, second] = [await holds.group(), await holds.group()];
  const job = await holds.job(first);
  await holds.patch(job, { metadata: { labels: { 'konductor.io/after': second } } });
  await holds.client.done(first);
  expect(await holds.staysHeld(job)).toBe(true);
  await holds.client.done(second);
  await holds.letGo(job);
});

describe('what a person does is left alone', () => {
  const suspend = (is: boolean) => ({ spec: { suspend: is } });

  it('a Job that was resumed by hand is not touched', async () => {
    const group = await holds.group();
    const job = await holds.job(group);
    await holds.patch(job, suspend(false));
    await holds.client.done(group);
    await holds.hasJudged();
    expect((await holds.read(job)).metadata.annotations?.['konductor.io/released-at']).toBeUndefined();
  });

  it('a Job that was suspended again after its release stays suspended', async () => {
    const group = await holds.group();
    const job = await holds.job(group);
    await holds.client.done(group);
    await holds.letGo(job);
    await holds.patch(job, suspend(true));
    await holds.client.add(group);
    await holds.client.done(group);
    await holds.hasJudged();
    expect((await holds.read(job)).spec.suspend).toBe(true);
  });
});

describe('the user is told of', () => {
  it('a Job that nothing holds, and one that waits for itself', async () => {
    const group = await holds.group();
    const runs = await holds.job(group, { spec: { suspend: false } });
    const itself = await holds.job(group, { labels: { 'konductor.io/counts-for': group } });
    const wrong = await holds.pod(group, annotated('min-added', 'two'));
    expect((await holds.event(runs, 'NotHeld')).message).toContain('Nothing holds the Job');
    expect((await holds.event(itself, 'WaitsForItself')).message).toContain(`WaitGroup ${group} counts the Job`);
    expect((await holds.event(wrong, 'InvalidAnnotation')).message).toContain('konductor.io/min-added');
  });
});

it('deletes a WaitGroup with a TTL of zero after it has let go', async () => {
  const group = await holds.group({ ttl: '0s' });
  const pods = await holds.pods(group, 50);
  await holds.client.done(group);
  await eventually('the deletion', async () =>
    (await holds.client.list()).every(({ metadata }) => metadata.name !== group),
  );
  expect(await Promise.all(pods.map((pod) => holds.isHeld(pod)))).toEqual(Array(50).fill(false));
});
