// docs/guides/gitops.md: what Argo CD and Flux, by their own code, take for drift of what the operator writes.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { root } from '../../scripts/root.ts';
import { type Manifest, pick } from '../cdk8s/synth.ts';
import { type ControlPlane, startControlPlane } from '../control-plane/index.ts';
import { openClient } from '../support/cluster/client-access.ts';
import { createNamespace } from '../support/cluster/namespaces.ts';
import { serviceAccountKubeconfig } from '../support/cluster/tokens.ts';
import { kubectlJson, kubectlOutput } from '../support/processes/kubectl.ts';
import { type OperatorProcess, startOperator } from '../support/processes/operator.ts';
import { eventually } from '../support/waiting/eventually.ts';

const hasGo = spawnSync('go', ['version']).status === 0;
const MODULE = join(import.meta.dirname, 'drift');
const manifest = (name: string) => join(root, 'cdk8s/manifests', `${name}.yaml`);
const lease = pick(
  parseAllDocuments(readFileSync(manifest('install'), 'utf8')).map((document) => document.toJS()),
  'Lease',
);

/** How each applies, and the part of a verdict that is its own. */
const tools = [
  ['Argo CD', ['--server-side=false'], 'argoCd'],
  ['Argo CD with server-side diff', ['--server-side', '--field-manager=argocd-controller'], 'argoCdServerSide'],
  ['Flux', ['--server-side', '--field-manager=kustomize-controller'], 'flux'],
] as const;

const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'none' }] } };
const group = { apiVersion: 'konductor.io/v1', kind: 'WaitGroup', metadata: { name: 'nightly' }, spec: { ttl: '1h' } };
const job = (name: string, spec: object) => ({
  ...{ apiVersion: 'batch/v1', kind: 'Job', metadata: { name, labels: { 'konductor.io/after': 'nightly' } } },
  spec: { ...spec, template },
});
/** The second one is suspended by hold.yaml. */
const jobs = [job('suspended', { suspend: true }), job('labelled', {})];

describe.skipIf(!hasGo)('drift', { timeout: 900_000 }, () => {
  let access: ControlPlane;
  let operator: OperatorProcess;

  beforeAll(async () => {
    access = await startControlPlane();
    for (const [, flags] of tools) await apply(flags, '-f', manifest('install'), '-f', manifest('hold'));
    const account = { namespace: 'konductor-system', serviceAccount: 'konductor-operator' };
    const kubeconfig = await serviceAccountKubeconfig(access, account);
    operator = await startOperator({
      kubeconfig,
      args: ['--leader-elect', '--leader-election-namespace=konductor-system'],
    });
  }, 900_000);
  afterAll(async () => {
    await operator.stop();
    await access.stop();
  });

  async function apply(flags: readonly string[], ...args: readonly string[]): Promise<void> {
    const forced = flags.includes('--server-side') ? ['--force-conflicts'] : [];
    await kubectlOutput(access, ['apply', ...flags, ...forced, ...args]);
  }

  it.each(tools)('in %s is only what Git says of a Job that was released', async (_, flags, key) => {
    const namespace = await createNamespace(access, 'drift');
    const objects = [group, ...jobs].map(({ metadata, ...rest }) => ({
      ...rest,
      metadata: { ...metadata, namespace },
    }));
    for (const object of objects)
      await kubectlOutput(access, ['apply', ...flags, '-f', '-'], { input: JSON.stringify(object) });
    const drift = (ignore: readonly string[] = []) => {
      const input = JSON.stringify({ kubeconfig: access.kubeconfig, objects: [lease, ...objects], ignore });
      const { stdout, stderr } = spawnSync('go', ['run', '.'], { cwd: MODULE, input, encoding: 'utf8' });
      expect(stderr).toBe('');
      return JSON.parse(stdout).map((verdict: Record<string, boolean>) => verdict[key]);
    };
    expect(drift()).toEqual([false, false, false, false]);
    const client = await openClient({ kubeconfig: access.kubeconfig, namespace });
    await client.add('nightly', 2);
    await client.done('nightly', 2);
    await eventually('the release of the Jobs', async () => {
      const { items } = await kubectlJson<{ items: Manifest[] }>(access, ['get', 'jobs', '-n', namespace]);
      return items.every(({ spec }) => spec.suspend === false);
    });
    expect(
      (await kubectlJson<Manifest>(access, ['get', 'lease', '-n', 'konductor-system', lease.metadata.name])).spec,
    ).toHaveProperty('holderIdentity');
    expect(drift()).toEqual([false, false, true, false]);
    expect(drift(['/spec/suspend'])).toEqual([false, false, false, false]);
  });
});
