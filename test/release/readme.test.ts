// The README, typed from its first command to its last in a cluster of its own, whose nodes are played: the wait of its tour ends when
// the work is done, and not before it began.
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { KONCLI_IMAGE } from '@konductor/cdk8s';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { root } from '../../scripts/root.ts';
import { type ControlPlane, findHelm, startControlPlane } from '../control-plane/index.ts';
import { auditEvents } from '../support/cluster/audit.ts';
import { installOperator, startOperatorIn } from '../support/cluster/installed-operator.ts';
import { codeBlocks } from '../support/guides/code-blocks.ts';
import { createGuideNamespace } from '../support/guides/guide-namespace.ts';
import { Reader } from '../support/guides/reader.ts';
import { useKonductorFolder } from '../support/pods/konductor-image.ts';
import { codesOf, startPod } from '../support/pods/pod-runner.ts';
import { podTemplatesOf } from '../support/pods/workload-pods.ts';
import { kubectlOutput } from '../support/processes/kubectl.ts';
import { eventually } from '../support/waiting/eventually.ts';

const SYSTEM = 'konductor-system';
const EXAMPLE = 'cdk8s/manifests/examples/batch-job.yaml';

const konductor = useKonductorFolder();
let controlPlane: ControlPlane;
let namespace: string;
let reader: Reader;

beforeAll(async () => {
  controlPlane = await startControlPlane({ controllerManager: true });
});
afterAll(() => controlPlane.stop());

/** The block that begins so. */
function block(beginning: string): string {
  const found = codeBlocks().find(({ name, code }) => name.startsWith('README.md: ') && code.startsWith(beginning));
  if (!found) throw new Error(`the README has no block that begins with ${beginning}`);
  return found.code;
}

async function type(beginning: string): Promise<string> {
  const { code, stdout, stderr } = await reader.type(block(beginning));
  expect(code, stderr).toBe(0);
  return stdout;
}

const cluster = (...args: string[]) => kubectlOutput(controlPlane, args);
const statusOfGroup = () =>
  cluster('get', 'waitgroup', 'batch-jobs', '-n', namespace, '-o', 'jsonpath={.status.counter} {.status.added}');

async function sayOperatorIsReady(): Promise<void> {
  const pod = await eventually('a pod', () => cluster('get', 'pods', '-n', SYSTEM, '-o', 'name'));
  const status = JSON.stringify({ status: { conditions: [{ type: 'Ready', status: 'True' }], phase: 'Running' } });
  await cluster('patch', pod.trim(), '-n', SYSTEM, '--subresource=status', '--type=merge', '-p', status);
}

const watchesOfKoncli = async () => {
  const watches = await auditEvents(controlPlane, { verb: 'watch', stage: 'ResponseStarted', resource: 'waitgroups' });
  return watches.some(({ requestURI }) => requestURI.includes('metadata.name%3Dbatch-jobs'));
};

it('the README installs, and its wait blocks until ten pieces of work are done', { timeout: 400_000 }, async () => {
  namespace = await createGuideNamespace(controlPlane, 'readme');
  reader = new Reader(controlPlane, namespace);
  symlinkSync(join(root, 'cdk8s'), join(reader.folder, 'cdk8s'));

  const [doctor] = await Promise.all([type('kubectl apply --server-side -f'), sayOperatorIsReady()]);
  expect(doctor).toMatch(/^ok +operator /m);
  await startOperatorIn(namespace, await installOperator(controlPlane));

  const tour = reader.type(block(`kubectl apply -f ${EXAMPLE}`));
  await eventually('the wait', watchesOfKoncli);
  expect(await statusOfGroup()).toBe('0 0');
  expect(await Promise.race([tour, 'it waits'])).toBe('it waits');

  const [pod] = podTemplatesOf(readFileSync(join(root, EXAMPLE), 'utf8'));
  if (!pod) throw new Error(`${EXAMPLE} has no pod`);
  const work = { commands: { sleep: 'exec /usr/bin/sleep "0.$1"' } };
  const images = { [KONCLI_IMAGE]: { konductor }, [pod.spec.containers[0]?.image ?? '']: work };
  const run = await startPod(controlPlane, pod, { namespace, images });
  const { code, stdout, stderr } = await tour;
  expect(code, stderr).toBe(0);
  expect(stdout).toContain('batch-jobs is done, 10 added in total\n');
  expect(stdout).toMatch(/^batch-jobs +0 +Done +10 +1h /m);
  expect(await codesOf([run])).toEqual(['coord 0']);
});

it('the README installs the same with kustomize, and with Helm after a removal', { timeout: 400_000 }, async () => {
  const helm = await findHelm({ log: (line) => process.stderr.write(`${line}\n`) });
  reader = new Reader(controlPlane, await createGuideNamespace(controlPlane, 'readme'));
  symlinkSync(join(root, 'cdk8s'), join(reader.folder, 'cdk8s'));
  const script = `#!/bin/sh\nHOME='${reader.folder}' exec '${helm}' "$@"\n`;
  writeFileSync(join(reader.folder, 'helm'), script, { mode: 0o755 });

  const install = join(root, 'cdk8s/manifests/install.yaml');
  await cluster('apply', '--server-side', '-f', install);
  const byKubectl = await cluster('get', 'deployment', '-n', SYSTEM, 'konductor-operator', '-o', 'jsonpath={.spec}');
  await type('kubectl apply --server-side -k');
  const byKustomize = await cluster('get', 'deployment', '-n', SYSTEM, 'konductor-operator', '-o', 'jsonpath={.spec}');
  expect(byKustomize).toBe(byKubectl);
  await cluster('delete', '-f', install);
  expect(await type('helm install')).toContain('STATUS: deployed');
});
