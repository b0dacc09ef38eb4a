// Counting across an upgrade: a WaitGroup that is in use before it, and the installed operator that completes it afterwards.
import { expect, onTestFinished } from 'vitest';
import type { Manifest } from '../cdk8s/synth.ts';
import type { ControlPlane } from '../control-plane/index.ts';
import { areServed } from '../support/cluster/crd.ts';
import { serviceAccountKubeconfig } from '../support/cluster/tokens.ts';
import { type KoncliProcess, koncli, startKoncli } from '../support/processes/koncli-process.ts';
import { kubectlJson } from '../support/processes/kubectl.ts';
import { startOperator } from '../support/processes/operator.ts';
import { eventually } from '../support/waiting/eventually.ts';

export interface StartedGroup {
  readonly namespace: string;
  readonly waiter: KoncliProcess;
}

async function run(access: ControlPlane, namespace: string, ...commands: string[][]): Promise<void> {
  for (const command of commands)
    expect(await koncli(['wg', ...command, '-n', namespace], access)).toMatchObject({ code: 0 });
}

/** A WaitGroup with one of two workers still at work, and a waiter. */
export async function startGroup(access: ControlPlane, namespace: string): Promise<StartedGroup> {
  await areServed(access, 'waitgroups');
  await run(access, namespace, ['create', 'batch', '--ttl', '1h'], ['add', 'batch', '--delta', '2'], ['done', 'batch']);
  const waiter = startKoncli(['wg', 'wait', 'batch', '-n', namespace], access);
  onTestFinished(() => void waiter.process.kill());
  return { namespace, waiter };
}

/** Counts on, and expects the installed operator to complete the WaitGroup and the waiter to succeed. */
export async function finishGroup(access: ControlPlane, group: StartedGroup, operatorNamespace: string): Promise<void> {
  const { namespace, waiter } = group;
  const operator = await runInstalledOperator(access, operatorNamespace);
  await run(access, namespace, ['add', 'batch'], ['done', 'batch', '--delta', '2']);
  const read = () => kubectlJson<Manifest>(access, ['get', 'wg', 'batch', '-n', namespace]);
  await eventually('the completion', async () => (await read()).status.completedAt !== undefined);
  expect((await read()).status).toMatchObject({ counter: 0, added: 3, completions: 1, phase: 'Done' });
  expect(await waiter.result).toMatchObject({ code: 0 });
  await operator.stop();
}

/** The operator's Deployment: what an upgrade must not change, and what it may change. */
export async function operatorDeployment(access: ControlPlane, namespace: string) {
  const deployment = ['get', 'deployment', 'konductor-operator', '-n', namespace];
  const { metadata, spec } = await kubectlJson<Manifest>(access, deployment);
  const [{ image, args }] = spec.template.spec.containers;
  const kept = { uid: metadata.uid, selector: spec.selector, image };
  return { kept, generation: metadata.generation, args: args as string[] };
}

/** Runs it as its container would, with the permissions of its account. */
async function runInstalledOperator(access: ControlPlane, namespace: string) {
  const account = { namespace, serviceAccount: 'konductor-operator' };
  const { args } = await operatorDeployment(access, namespace);
  const flags = args.filter((flag) => !flag.includes('bind-address'));
  return startOperator({
    kubeconfig: await serviceAccountKubeconfig(access, account),
    args: flags.map((flag) => flag.replace('$(POD_NAMESPACE)', namespace)),
  });
}
