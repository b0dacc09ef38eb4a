// A release of the chart on a real API server, as a subchart: installed by its parent, and examined by helm test. There is no
// kubelet, so the test runs the command of the hook's pod, with the token of its account.
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { VERSION } from '@konductor/cdk8s';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { Manifest } from '../cdk8s/synth.ts';
import { type ControlPlane, goModuleFolder, startControlPlane } from '../control-plane/index.ts';
import { areGranted, type PolicyRule } from '../support/cluster/permissions.ts';
import { serviceAccountKubeconfig } from '../support/cluster/tokens.ts';
import { helm } from '../support/processes/helm.ts';
import { CHART, documents, temporaryFolder } from '../support/processes/helm-chart.ts';
import { koncli } from '../support/processes/koncli-process.ts';
import { kubectlJson, kubectlOutput } from '../support/processes/kubectl.ts';
import { type OperatorProcess, startOperator } from '../support/processes/operator.ts';
import { eventually } from '../support/waiting/eventually.ts';

const NAMESPACE = 'platform';
const DOCTOR = { namespace: NAMESPACE, serviceAccount: 'konductor-doctor' };
const home = temporaryFolder();
let controlPlane: ControlPlane;

beforeAll(async () => {
  controlPlane = await startControlPlane();
  await run('create', 'namespace', NAMESPACE);
  await run('label', 'namespace', NAMESPACE, 'pod-security.kubernetes.io/enforce=restricted');
  await inNamespace('install', 'platform', parentChart());
});
afterAll(() => controlPlane.stop());

const run = (...args: string[]) => kubectlOutput(controlPlane, args);
const inNamespace = (...args: string[]) =>
  helm([...args, '--namespace', NAMESPACE], { home, kubeconfig: controlPlane.kubeconfig });
const patchStatus = (resource: string, status: object) =>
  run('patch', resource, '-n', NAMESPACE, '--subresource=status', '--type=merge', '-p', JSON.stringify({ status }));

function parentChart(): string {
  const parent = join(home, 'platform');
  cpSync(CHART, join(parent, 'charts/konductor'), { recursive: true });
  mkdirSync(join(parent, 'templates'));
  const dependency = { name: 'konductor', version: VERSION, repository: 'file://../konductor' };
  const dependencies = [{ ...dependency, condition: 'konductor.enabled' }];
  const chart = { apiVersion: 'v2', name: 'platform', version: '1.0.0', dependencies };
  writeFileSync(join(parent, 'Chart.yaml'), stringify(chart));
  const konductor = { enabled: true, hold: { enabled: true }, fullnameOverride: 'counting', nameOverride: 'c' };
  writeFileSync(join(parent, 'values.yaml'), stringify({ global: { imageRegistry: 'r.example.com' }, konductor }));
  return parent;
}

/** The operator of the release, as its pod would run. */
async function runOperator(): Promise<OperatorProcess> {
  const account = { namespace: NAMESPACE, serviceAccount: 'counting' };
  const kubeconfig = await serviceAccountKubeconfig(controlPlane, account);
  const { spec } = await kubectlJson<Manifest>(controlPlane, ['get', 'deployment', 'counting', '-n', NAMESPACE]);
  const [{ args }] = spec.template.spec.containers;
  const flags = args.filter((flag: string) => !flag.includes('bind-address'));
  const operator = await startOperator({ kubeconfig, args: [...flags, `--leader-election-namespace=${NAMESPACE}`] });
  await patchStatus('deployment/counting', { replicas: 1, readyReplicas: 1 });
  return operator;
}

const readHook = async (kind: string) => {
  const hooks = documents(await inNamespace('get', 'hooks', 'platform'));
  return hooks.find((hook) => hook.kind === kind) as Manifest;
};

describe('helm test', () => {
  let command: string[];
  let operator: OperatorProcess;

  beforeAll(async () => {
    operator = await runOperator();
    command = (await readHook('Pod')).spec.containers[0].args;
  });
  afterAll(async () => {
    await operator.stop();
  });

  /** The checks of koncli doctor, by the account of the hook. */
  const examine = async (...flags: string[]) => {
    const kubeconfig = await serviceAccountKubeconfig(controlPlane, DOCTOR);
    return koncli([...command, ...flags], { ...controlPlane, kubeconfig });
  };

  it('runs koncli doctor with the permissions that it needs, and removes both', { timeout: 120_000 }, async () => {
    const test = inNamespace('test', 'platform', '--timeout=90s');
    const get = ['get', 'pod', 'konductor-doctor', '-n', NAMESPACE, '--ignore-not-found'];
    await eventually('the pod of the hook', async () => (await run(...get)) !== '');
    const { code, stdout } = await examine();
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(/^ok +operator +Deployment platform\/counting has 1 of 1/m),
    ]);
    expect(stdout).not.toContain('forbidden');
    await patchStatus('pod/konductor-doctor', { phase: 'Succeeded' });
    expect(await test).toMatch(/TEST SUITE: +konductor-doctor\n.*\n.*\nPhase: +Succeeded/);
    for (const kind of ['pod', 'clusterrole', 'clusterrolebinding', 'serviceaccount'])
      expect(await run('get', kind, 'konductor-doctor', '-n', NAMESPACE, '--ignore-not-found')).toBe('');
  });

  it('grants no permission that koncli doctor does not need', { timeout: 120_000 }, async () => {
    const { rules, metadata } = await readHook('ClusterRole');
    const role = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata };
    const user = `system:serviceaccount:${NAMESPACE}:${DOCTOR.serviceAccount}`;
    await run('create', 'clusterrole', metadata.name, '--verb=get', '--resource=nodes');
    await run('create', 'clusterrolebinding', metadata.name, `--clusterrole=${metadata.name}`, `--user=${user}`);
    const examineWith = async (granted: PolicyRule[]) => {
      const input = JSON.stringify({ ...role, rules: granted });
      await kubectlOutput(controlPlane, ['replace', '-f', '-'], { input });
      await areGranted(controlPlane, { user, rules: granted });
      const { stdout } = await examine('-o', 'json');
      return JSON.parse(stdout).checks.filter(({ name }: { name: string }) => name !== 'API server');
    };
    const all = await examineWith(rules);
    for (const rule of rules as PolicyRule[])
      await eventually(`a check that misses ${JSON.stringify(rule)}`, async () => {
        const checks = await examineWith(rules.filter((other: PolicyRule) => other !== rule));
        return JSON.stringify(checks) !== JSON.stringify(all);
      });
  });
});

it('a release of another name is refused with a sentence', async () => {
  const install = inNamespace('install', 'second', CHART, '--set', 'crds.enabled=false');
  await expect(install).rejects.toThrow(
    'key "meta.helm.sh/release-name" must equal "second": current value is "platform"',
  );
});

describe('cert-manager', () => {
  const MODULE = 'github.com/cert-manager/cert-manager@v1.19.1';
  const SUM = 'h1:Txh8L/nLWTDcb7ZnXuXbTe15BxQnLbLirXmbNk0fGgY=';
  const enabled = 'konductor.secureMetrics.certManager';
  const upgrade = (...values: string[]) =>
    inNamespace('upgrade', 'platform', join(home, 'platform'), ...values.flatMap((value) => ['--set', value]));
  const read = async () => {
    const { items } = await kubectlJson<Manifest>(controlPlane, ['get', 'issuer,certificate', '-n', NAMESPACE]);
    return items.map(({ kind, spec }: Manifest) => [kind, spec.issuerRef]);
  };

  beforeAll(async () => {
    const folder = join(await goModuleFolder(MODULE, SUM), 'deploy/crds');
    for (const kind of ['issuers', 'certificates'])
      await run('apply', '--server-side', '-f', join(folder, `cert-manager.io_${kind}.yaml`));
    await run('wait', 'crd', '--all', '--for=condition=Established');
  });

  it('gets a Certificate of a self-signed Issuer, or of another one', async () => {
    await upgrade(`${enabled}.enabled=true`);
    expect(await read()).toEqual([
      ['Issuer', undefined],
      ['Certificate', { kind: 'Issuer', name: 'counting-metrics' }],
    ]);
    const issuerRef = `${enabled}.issuerRef`;
    await upgrade(`${enabled}.enabled=true`, `${issuerRef}.name=own,${issuerRef}.kind=ClusterIssuer`);
    expect(await read()).toEqual([['Certificate', { kind: 'ClusterIssuer', name: 'own' }]]);
  });
});
