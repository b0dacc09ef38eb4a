// docs/guides/any-language.md: each of its programs takes part as a worker with its pod's token alone, under the guide's Role
// and the shipped admission policy. It works only when its add is counted, and is counted once, also when it runs again.
import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { KubeObject } from '@konductor/client';
import { beforeEach, expect, inject, it, onTestFinished } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { root } from '../../../scripts/root.ts';
import { installOperator, startOperatorIn } from '../../support/cluster/installed-operator.ts';
import { createToken, serviceAccountKubeconfig } from '../../support/cluster/tokens.ts';
import { codeBlocks } from '../../support/guides/code-blocks.ts';
import { createGuideNamespace } from '../../support/guides/guide-namespace.ts';
import { ServiceAccountFolder } from '../../support/pods/pod-process.ts';
import { type KoncliResult, resultOf } from '../../support/processes/koncli-process.ts';
import { kubectl, kubectlJson, kubectlOutput } from '../../support/processes/kubectl.ts';
import { isInstalled } from '../../support/processes/shell-terminal.ts';
import { eventually } from '../../support/waiting/eventually.ts';

const ACCOUNT_FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount';
const POLICIES = join(root, 'cdk8s/manifests/user-roles.yaml');
const access = inject('controlPlane');
const blocks = codeBlocks().filter(({ name }) => name.startsWith('docs/guides/any-language.md: '));
const [manifest = '', podManifest = '', ...programs] = blocks.map(({ code }) => code);

let namespace: string;
let pod: KubeObject;
let kubeconfig: string;
/** With the program and its work. */
let folder: string;

beforeEach(async () => {
  namespace = await createGuideNamespace(access, 'any-language');
  await run(['apply', '-f', '-'], manifest);
  pod = await kubectlJson(access, ['create', '-f', '-', '-n', namespace], { input: podManifest });
  folder = mkdtempSync(join(tmpdir(), 'konductor-worker-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  kubeconfig = await serviceAccountKubeconfig(access, ofPod());
  await enforcePolicies();
});

const run = (args: readonly string[], input = '') => kubectlOutput(access, [...args, '-n', namespace], { input });
const ofPod = () => ({ namespace, serviceAccount: 'worker', boundPod: pod.metadata.name });

/** The API server enforces a policy a moment after it is created. */
async function enforcePolicies(): Promise<void> {
  const items = parseAllDocuments(readFileSync(POLICIES, 'utf8'))
    .map((document) => document.toJS())
    .filter(({ kind }) => kind.startsWith('ValidatingAdmissionPolicy'));
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
  await kubectlOutput(access, ['apply', '--server-side', '--force-conflicts', '-f', '-'], { input });
  await eventually('the enforcement of the policies', isForgeryDenied);
}

/** A record of another worker than the token's pod. */
async function isForgeryDenied(): Promise<boolean> {
  const get = ['get', 'wg', 'nightly', '-n', namespace];
  const { uid = '' } = (await kubectlJson<KubeObject>(access, get)).metadata;
  const owner = { apiVersion: 'konductor.io/v1', kind: 'WaitGroup', name: 'nightly', uid };
  const input = JSON.stringify({
    ...{ apiVersion: 'konductor.io/v1', kind: 'WaitGroupWorker' },
    metadata: { name: `nightly.other.${uid.slice(0, 8)}`, ownerReferences: [owner] },
    spec: {
      waitGroup: 'nightly',
      waitGroupUid: uid,
      worker: 'other',
      pod: { name: 'other', uid },
      added: 1,
      state: 'Active',
    },
  });
  const { stderr } = await kubectl(access, ['create', '--dry-run=server', '-f', '-'], { input, kubeconfig });
  return stderr.includes('workers.konductor.io');
}

/** By the order in the guide: the file that the program is saved as, and what runs it. */
const languages: [string, string, string[]][] = [
  ['kubectl', 'program.sh', ['sh', '-e']],
  ['curl', 'program.sh', ['sh', '-e']],
  ['Python', 'program.py', ['python3']],
  ['Go', 'program.go', ['go', 'run']],
];

it('the guide has a program for each language', () => {
  expect(programs).toHaveLength(languages.length);
});

it.for(languages)('a program in %s is a worker that is counted once', async ([language, file, command], { skip }) => {
  const [needed = ''] = language === 'curl' ? [language] : command;
  skip(!isInstalled(needed), `needs ${needed}`);
  const program = programs[languages.findIndex(([name]) => name === language)] ?? '';
  const { path } = new ServiceAccountFolder(access, { namespace, token: await createToken(access, ofPod()) });
  writeFileSync(join(folder, file), program.replaceAll(ACCOUNT_FOLDER, path));
  writeWork();

  const first = start([...command, file]);
  await eventually('the record', async () => (await records()) === 'Active 1 0');
  // Only now is there somebody who counts it.
  await startOperatorIn(namespace, await installOperator(access));
  expect(await first).toMatchObject({ code: 0 });
  expect(readFileSync(join(folder, 'worked'), 'utf8')).toBe('counter 1\n');
  await run(['wait', '--for=jsonpath={.status.outcome}=Succeeded', 'waitgroup/nightly', '--timeout=60s']);

  // As when its container restarts.
  expect(await start([...command, file])).toMatchObject({ code: 0 });
  expect(await records()).toBe('Done 1 1');
  expect(await run(['get', 'wg', 'nightly', '-o', 'jsonpath={.status.counter} {.status.added}'])).toBe('0 1');
});

/** What the program does between its add and its done. */
function writeWork(): void {
  const count = `kubectl get waitgroup nightly -n ${namespace} -o jsonpath='counter {.status.counter}{"\\n"}'`;
  writeFileSync(join(folder, 'work'), `#!/bin/sh\nKUBECONFIG='${access.kubeconfig}' ${count} > worked\n`);
  chmodSync(join(folder, 'work'), 0o755);
}

/** With nothing of this process but where programs are, and where Go compiles. */
function start([command = '', ...args]: readonly string[]): Promise<KoncliResult> {
  const { hostname, port } = new URL(access.server);
  const { PATH, HOME } = process.env;
  const child = spawn(command, args, {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...{ PATH: `${dirname(access.kubectl)}:${PATH}`, HOME, KUBECONFIG: kubeconfig },
      ...{ KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port },
      ...{ POD_NAME: pod.metadata.name, POD_UID: pod.metadata.uid },
    },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return resultOf(child);
}

const records = () =>
  run(['get', 'waitgroupworkers', '-o', 'jsonpath={range .items[*]}{.spec.state} {.spec.added} {.spec.done}{end}']);
