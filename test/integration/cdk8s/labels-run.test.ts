// Pipelines and workloads that are counted and held by labels, from synthesis to their end: a real API server, and the compiled
// operator. There is no Job controller, so the tests write what it would report.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { KonductorHold, Pipeline, WaitGroup } from '@konductor/cdk8s';
import { k8s } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { beforeAll, expect, inject, it, onTestFinished } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { type Manifest, synth } from '../../cdk8s/synth.ts';
import { installOperator, startOperatorIn } from '../../support/cluster/installed-operator.ts';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import { completeJob, failJob } from '../../support/cluster/pods.ts';
import { installHold } from '../../support/pods/installed-hold.ts';
import { kubectlJson, kubectlOutput } from '../../support/processes/kubectl.ts';
import { eventually } from '../../support/waiting/eventually.ts';

const access = inject('controlPlane');
const EXAMPLE = join(import.meta.dirname, '../../../cdk8s/manifests/examples/labels.yaml');
const image = 'busybox:1.37';
let kubeconfig: string;

beforeAll(async () => {
  kubeconfig = await installOperator(access);
});

/** A namespace with these objects, and an operator that can let them go. */
class Run {
  readonly namespace: string;

  private constructor(namespace: string) {
    this.namespace = namespace;
  }

  static async start(objects: readonly Manifest[]): Promise<Run> {
    const run = new Run(await createNamespace(access, 'labels'));
    await installHold(access, run.namespace, kubeconfig);
    await run.startWith(objects);
    return run;
  }

  /** The namespace has the policies and permissions of hold.yaml, and no others. */
  static async startWithHold(objects: readonly Manifest[]): Promise<Run> {
    const run = new Run(await createNamespace(access, 'labels'));
    const hold = synth((scope) => new KonductorHold(scope, 'Hold', { watchNamespace: run.namespace }));
    await run.apply(hold);
    onTestFinished(async () => {
      const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: hold });
      await kubectlOutput(access, ['delete', '--wait=false', '-n', run.namespace, '-f', '-'], { input });
    });
    await eventually('the policies', async () => {
      const dryRun = JSON.stringify(await run.apply(objects, '--dry-run=server', '-o', 'json'));
      return dryRun.includes('suspend') && dryRun.includes('schedulingGates');
    });
    await run.startWith(objects);
    return run;
  }

  private async startWith(objects: readonly Manifest[]): Promise<void> {
    await startOperatorIn(this.namespace, kubeconfig);
    await this.apply(objects);
  }

  apply(items: readonly Manifest[], ...flags: string[]): Promise<string> {
    const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
    return kubectlOutput(access, ['apply', '-n', this.namespace, '-f', '-', ...flags], { input });
  }

  get(kind: string, name: string): Promise<Manifest> {
    return kubectlJson(access, ['get', kind, name, '-n', this.namespace]);
  }

  complete(name: string): Promise<unknown> {
    return completeJob(access, { namespace: this.namespace, name });
  }

  fail(name: string): Promise<unknown> {
    return failJob(access, { namespace: this.namespace, name });
  }

  reaches(kind: string, name: string, expected: object): Promise<true> {
    return eventually(`${kind} ${name} with ${JSON.stringify(expected)}`, async () => {
      expect(await this.get(kind, name)).toMatchObject(expected);
      return true;
    });
  }
}

const stages = ['one', 'two', 'three'].map((name) => ({ name, workers: 2, work: 'true' }));
const pipeline = (scope: Construct) => new Pipeline(scope, 'P', { by: 'label', stages, timeout: '1m', image });
const outstanding = { status: { counter: 1, added: 1 } };
const running = { spec: { suspend: false } };
const held = { spec: { suspend: true } };

it('a Pipeline by label runs to its end, stage by stage', async () => {
  const run = await Run.start(synth(pipeline));
  for (const { name } of stages) await run.reaches('waitgroup', name, outstanding);
  expect(await run.get('job', 'two')).toMatchObject(held);
  await run.complete('one');
  await run.reaches('job', 'two', running);
  expect(await run.get('job', 'three')).toMatchObject(held);
  await run.complete('two');
  await run.reaches('job', 'three', running);
  await run.complete('three');
  for (const { name } of stages) await run.reaches('waitgroup', name, { status: { outcome: 'Succeeded', added: 1 } });
});

it('a Pipeline by label ends where a Job fails', async () => {
  const run = await Run.start(synth(pipeline));
  await run.reaches('waitgroup', 'one', outstanding);
  await run.fail('one');
  await run.reaches('waitgroup', 'one', { status: { outcome: 'Failed', failure: { reason: 'JobFailed' } } });
  const reasons = ['get', 'events', '-n', run.namespace, '-o', 'jsonpath={.items[*].reason}'];
  await eventually('the Event', async () => (await kubectlOutput(access, reasons)).includes('WaitGroupFailed'));
  expect(await run.get('job', 'two')).toMatchObject(held);
});

const podSpec = { restartPolicy: 'Never', containers: [{ name: 'main', image }] };
const job = (scope: Construct, name: string) =>
  new k8s.KubeJob(scope, name, { metadata: { name }, spec: { template: { spec: podSpec } } });

it('Jobs with add: false finish what the initialCount has added, and a Pod by gate follows', async () => {
  const manifests = synth((scope) => {
    const group = new WaitGroup(scope, 'Group', { metadata: { name: 'group' }, initialCount: 2 });
    for (const name of ['a', 'b']) group.count(job(scope, name));
    const pod = new k8s.KubePod(scope, 'Pod', { metadata: { name: 'pod' }, spec: podSpec });
    group.waitFor(pod, { by: 'gate', minAdded: 2 });
  });
  const run = await Run.start(manifests);
  await run.complete('a');
  await run.reaches('waitgroup', 'group', { status: { counter: 1, added: 2 } });
  expect((await run.get('pod', 'pod')).spec.schedulingGates).toHaveLength(1);
  await run.complete('b');
  await eventually('the release', async () => !(await run.get('pod', 'pod')).spec.schedulingGates);
  await run.reaches('waitgroup', 'group', { status: { outcome: 'Succeeded', added: 2 } });
});

it('a Job and a Pod with the label alone are held and let go by what KonductorHold installs, and can be applied again', async () => {
  const manifests = synth((scope) => {
    const group = new WaitGroup(scope, 'Group', { metadata: { name: 'group' } });
    group.count(job(scope, 'a'));
    group.waitFor(job(scope, 'b'), { by: 'label' });
    const pod = new k8s.KubePod(scope, 'Pod', { metadata: { name: 'pod' }, spec: podSpec });
    group.waitFor(pod, { by: 'label' });
  });
  const run = await Run.startWithHold(manifests);
  expect(await run.get('job', 'b')).toMatchObject(held);
  expect((await run.get('pod', 'pod')).spec.schedulingGates).toHaveLength(1);
  await run.reaches('waitgroup', 'group', outstanding);
  await run.complete('a');
  await run.reaches('job', 'b', running);
  await eventually('the release', async () => !(await run.get('pod', 'pod')).spec.schedulingGates);
  expect(await run.apply(manifests)).not.toMatch(/ (created|configured)$/m);
});

it('examples/labels.yaml goes from kubectl apply to a Job and pods that may start', async () => {
  const objects: Manifest[] = parseAllDocuments(readFileSync(EXAMPLE, 'utf8')).map((document) => document.toJS());
  const jobs = ['customers', 'orders', 'products'].map((source) => `import-${source}`);
  const run = await Run.start(objects);
  // As its controller creates it.
  const { template } = objects.find(({ kind }) => kind === 'Deployment').spec;
  const metadata = { ...template.metadata, name: 'dashboard-abcde' };
  await run.apply([{ apiVersion: 'v1', kind: 'Pod', metadata, spec: template.spec }]);
  await run.reaches('waitgroup', 'imports', { status: { counter: 3, added: 3 } });
  for (const name of jobs) {
    expect(await run.get('job', 'report')).toMatchObject(held);
    await run.complete(name);
  }
  await run.reaches('job', 'report', running);
  await eventually('the release', async () => !(await run.get('pod', 'dashboard-abcde')).spec.schedulingGates);
});
