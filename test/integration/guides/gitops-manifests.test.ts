// The manifests of docs/guides/gitops.md: Flux' CRD takes the Kustomizations, Argo CD's ConfigMap is that of the file beside the
// guide. What tools make of workloads that are held, as Kubernetes' own controllers report them.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { WaitGroupClient } from '@konductor/client';
import { AFTER_LABEL, HOLD_GATE } from '@konductor/schema';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { type ControlPlane, goModuleFolder, startControlPlane } from '../../control-plane/index.ts';
import { openClient } from '../../support/cluster/client-access.ts';
import { areServed, installCrd } from '../../support/cluster/crd.ts';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import { codeBlocks } from '../../support/guides/code-blocks.ts';
import { tablesOf } from '../../support/guides/tables.ts';
import { gitopsVerdicts } from '../../support/processes/gitops.ts';
import { helm } from '../../support/processes/helm.ts';
import { kubectlJson, kubectlOutput } from '../../support/processes/kubectl.ts';
import { eventually } from '../../support/waiting/eventually.ts';

const FLUX = 'github.com/fluxcd/kustomize-controller@v1.9.6';
const FLUX_SUM = 'h1:XB+G3A0mky0j5uVHZWv4oSlS2RvZBoNIUhstIvY0JKE=';
const KUSTOMIZATIONS = 'kustomize.toolkit.fluxcd.io_kustomizations.yaml';
const HOLD = join(import.meta.dirname, '../../../cdk8s/manifests/hold.yaml');
const ARGOCD_CM = join(import.meta.dirname, '../../../docs/guides/gitops/argocd-cm.yaml');

/** The operator's. */
const FIELD_MANAGER = 'konductor-operator';
const FAILURE = { message: 'no space left' };
const GROUP = 'apiVersion: konductor.io/v1\nkind: WaitGroup\nmetadata:\n  name: nightly\nspec:\n  initialCount: 3\n';

const [kustomization = '', argocdCm = '', , , ignore = ''] = codeBlocks()
  .filter(({ name, language }) => name.startsWith('docs/guides/gitops.md') && language === 'yaml')
  .map(({ code }) => code);

// Of its own: it has Flux' CRD, and controllers.
let controlPlane: ControlPlane;
let namespace: string;
let client: WaitGroupClient;

beforeAll(async () => {
  controlPlane = await startControlPlane({ controllerManager: true });
  await installCrd(controlPlane);
}, 180_000);
afterAll(() => controlPlane.stop());

beforeEach(async () => {
  namespace = await createNamespace(controlPlane, 'gitops');
  client = await openClient({ kubeconfig: controlPlane.kubeconfig, namespace });
});

const run = (...args: string[]) => kubectlOutput(controlPlane, ['-n', namespace, ...args]);
const create = (input: string) =>
  kubectlOutput(controlPlane, ['create', '--validate=strict', '-n', namespace, '-f', '-'], { input });

describe('the guide for GitOps', () => {
  it('has the ConfigMap of its file, which kubectl can patch in', async () => {
    expect(readFileSync(ARGOCD_CM, 'utf8')).toBe(argocdCm);
    await run('create', 'configmap', 'argocd-cm');
    await run('patch', 'configmap', 'argocd-cm', '--patch-file', ARGOCD_CM);
    const patched = await kubectlJson(controlPlane, ['get', 'configmap', 'argocd-cm', '-n', namespace]);
    expect(patched).toMatchObject(parse(argocdCm));
  });

  it('has a Kustomization that Flux’ CRD takes, and a misspelt one does not get past', async () => {
    const crd = join(await goModuleFolder(FLUX, FLUX_SUM), 'config/crd/bases', KUSTOMIZATIONS);
    await run('apply', '--server-side', '-f', crd);
    await areServed(controlPlane, 'kustomizations.kustomize.toolkit.fluxcd.io');
    const inNamespace = kustomization.replace('flux-system', namespace);
    await expect(create(inNamespace.replace('failed:', 'failing:'))).rejects.toThrow('unknown field');
    await create(inNamespace);
    const { spec, ...flux } = parse(inNamespace);
    const ignoring = { ...flux, metadata: { name: 'ignoring' }, spec: { ...spec, ...parse(ignore).spec } };
    await create(JSON.stringify(ignoring));
  });
});

/** Installs or upgrades a release of a chart with one template. */
function releaseOf(template: string): (verb: string, ...flags: string[]) => Promise<string> {
  const chart = mkdtempSync(join(tmpdir(), 'konductor-chart-'));
  onTestFinished(() => rmSync(chart, { recursive: true }));
  mkdirSync(join(chart, 'templates'));
  writeFileSync(join(chart, 'Chart.yaml'), 'apiVersion: v2\nname: nightly\nversion: 1.0.0\n');
  writeFileSync(join(chart, 'templates/template.yaml'), template);
  const { kubeconfig } = controlPlane;
  return (verb, ...flags) => helm([verb, 'nightly', chart, '-n', namespace, ...flags], { home: chart, kubeconfig });
}

describe('helm 3, of which the guide says that it', () => {
  it('does not wait for a group, and does not mind a failed one', async () => {
    const release = releaseOf(GROUP);
    expect(await release('install', '--wait')).toContain('STATUS: deployed');
    await client.fail('nightly', FAILURE);
    expect(await release('upgrade', '--wait')).toContain('STATUS: deployed');
  });
});

type Workload = readonly [kind: string, spec: object, reported: string, afterwards?: string];
const GATED = { schedulingGates: [{ name: HOLD_GATE }] };
const podSpec = (spec: object) => ({ containers: [{ name: 'main', image: 'none' }], ...spec });
const pods = (spec = {}) => ({ metadata: { labels: { app: 'held' } }, spec: podSpec(spec) });
const jobOf = (spec: object, podSpec = {}) => ({ ...spec, template: pods({ restartPolicy: 'Never', ...podSpec }) });
const deployment = { selector: { matchLabels: { app: 'held' } }, template: pods(GATED) };
const suspendedIs = (status: string) => `jsonpath={.status.conditions[?(@.type=="Suspended")].status}=${status}`;

/** The rows of the guide's table: what is created, what its controller reports, and what it reports once the Job is resumed. */
const WORKLOADS: Readonly<Record<string, Workload>> = {
  'a suspended Job': ['Job', jobOf({ suspend: true }), suspendedIs('True')],
  'a Job that was suspended and is running': [
    'Job',
    jobOf({ suspend: true }),
    suspendedIs('True'),
    suspendedIs('False'),
  ],
  'a Job whose pods have the gate': ['Job', jobOf({}, GATED), 'jsonpath={.status.active}=1'],
  'a pod with the gate': ['Pod', podSpec(GATED), 'jsonpath={.status.phase}=Pending'],
  'a Deployment whose pods have the gate': ['Deployment', deployment, 'jsonpath={.status.unavailableReplicas}=1'],
  'the same after its progressDeadlineSeconds': [
    'Deployment',
    { ...deployment, progressDeadlineSeconds: 1 },
    'jsonpath={.status.conditions[?(@.type=="Progressing")].reason}=ProgressDeadlineExceeded',
  ],
};
const API_VERSIONS: Readonly<Record<string, string>> = { Job: 'batch/v1', Pod: 'v1', Deployment: 'apps/v1' };

/** By the operator, as the API server records it. */
const resume = (job: string) =>
  run('patch', 'job', job, '--type=merge', '-p', '{"spec":{"suspend":false}}', `--field-manager=${FIELD_MANAGER}`);

async function held([kind, spec, reported, afterwards]: Workload, index: number): Promise<object> {
  const name = `held-${index}`;
  await create(JSON.stringify({ apiVersion: API_VERSIONS[kind], kind, metadata: { name }, spec }));
  const report = (what: string) => run('wait', `--for=${what}`, `${kind}/${name}`, '--timeout=60s');
  await report(reported);
  if (afterwards) {
    await resume(name);
    await report(afterwards);
  }
  return kubectlJson(controlPlane, ['get', kind, name, '-n', namespace]);
}

it('the guide for GitOps has a table of what tools make of workloads that are held', async () => {
  const [, ...rows] = tablesOf('gitops')[1] ?? [];
  const verdicts = await gitopsVerdicts(await Promise.all(Object.values(WORKLOADS).map(held)));
  const found = verdicts.map(({ kstatus, argoCd, flux }) => [kstatus.status, argoCd.status, flux.status]);
  expect(Object.keys(WORKLOADS).map((workload, index) => [workload, ...(found[index] ?? [])])).toEqual(rows);
});

describe('a Job in Git that the operator has resumed', () => {
  const jobIn = (spec: object) =>
    JSON.stringify({
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: 'report', labels: { [AFTER_LABEL]: 'nightly' } },
      spec: jobOf(spec),
    });
  const apply = (job: string, ...flags: string[]) =>
    kubectlOutput(controlPlane, ['apply', '-n', namespace, '-f', '-', ...flags], { input: job });
  const suspended = (output: string) => parse(output).spec.suspend;
  const isSuspended = async () => suspended(await run('get', 'job', 'report', '-o', 'yaml'));

  it('with `suspend: true` is suspended again by the next kubectl apply', async () => {
    const job = jobIn({ suspend: true });
    await apply(job);
    await resume('report');
    expect(await isSuspended()).toBe(false);
    await apply(job);
    expect(await isSuspended()).toBe(true);
  });

  it('with `suspend: true` is suspended again by helm upgrade', async () => {
    const release = releaseOf(jobIn({ suspend: true }));
    await release('install');
    await resume('report');
    await release('upgrade');
    expect(await isSuspended()).toBe(true);
  });

  it('with `suspend: true` is a conflict for the next server-side apply, and suspended again if that is forced', async () => {
    const job = jobIn({ suspend: true });
    await apply(job, '--server-side');
    await resume('report');
    const conflict = `conflict with "${FIELD_MANAGER}" using batch/v1: .spec.suspend`;
    await expect(apply(job, '--server-side')).rejects.toThrow(conflict);
    expect(await isSuspended()).toBe(false);
    await apply(job, '--server-side', '--force-conflicts');
    expect(await isSuspended()).toBe(true);
  });

  it.each([[[]], [['--server-side']], [['--server-side', '--force-conflicts']]])(
    'with its label alone, as hold.yaml suspends it, keeps running when it is applied again: %s',
    async (flags: string[]) => {
      await run('apply', '--server-side', '-f', HOLD);
      const job = jobIn({});
      const dryRun = () => apply(job, '--dry-run=server', '-o', 'yaml');
      await eventually('the policy', async () => suspended(await dryRun()));
      await apply(job, ...flags);
      expect(await isSuspended()).toBe(true);
      await resume('report');
      await apply(job, ...flags);
      expect(await isSuspended()).toBe(false);
    },
  );
});
