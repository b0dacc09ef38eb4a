// The steps of the scenario; each throws when the cluster does not behave as expected.
import { randomBytes } from 'node:crypto';
import { eventually } from '../support/waiting/eventually.ts';
import type { Cluster } from './cluster.ts';
import { runBroken, runFan, runReplaced, runScheduled, runStages } from './labels.ts';
import { EXAMPLES } from './manifests.ts';
import { type Scenario, type Step, WITHIN } from './step.ts';
import { runFailing, runKilled } from './verdicts.ts';
import { runEnded, runIndexed, runLost, runMortal } from './workers.ts';

const SYSTEM = 'konductor-system';
const DEPLOYMENT = 'deployment/konductor-operator';
const POD_SECURITY = 'pod-security.kubernetes.io/enforce';

export const newNamespace = () => `konductor-e2e-${randomBytes(4).toString('hex')}`;

/** The steps in their order. They never remove an install that was there before. */
export const steps: readonly Step[] = [
  { title: 'install the CRD, the RBAC objects and the operator (install.yaml)', run: install },
  {
    title: 'run the examples under the restricted Pod Security Standard: batch job, dynamic workers, pipeline',
    run: runExamples,
  },
  { title: 'run a worker whose koncli an init container copies, and a waiter (cdk8s)', run: runCopied },
  { title: 'delete a pod at work: its replacement is counted once', run: runDrained },
  { title: 'fail a worker: its waiter ends with its reason', run: runFailing },
  { title: 'kill a worker: the deadline ends the wait, and the ttl deletes the WaitGroup', run: runKilled },
  {
    title:
      'end pods of workers by failure, lack of memory, deletion, eviction and kill -9: each is released, or counted once',
    run: runEnded,
  },
  { title: 'lose a worker: it is named until it is released, and under Fail the waiters end', run: runLost },
  { title: 'run an Indexed Job whose pods fail: each index is counted once', run: runIndexed },
  { title: 'kill pods of a Deployment at random: it ends at zero', run: runMortal },
  { title: 'count Jobs by a label, and hold a Job and a Deployment by another', run: runFan },
  { title: 'count the Job of a CronJob by the label of its template', run: runScheduled },
  { title: 'fail a counted Job: the waiter ends with its name, and what is held stays held', run: runBroken },
  {
    title: 'let go what is held, and hold by the label alone (hold.yaml; skipped where it is not served)',
    run: runStages,
  },
  { title: 'replace the pods of a Deployment after their WaitGroup was deleted (skipped likewise)', run: runReplaced },
  { title: 'inject koncli into a labelled Job (injection.yaml; skipped where it is not served)', run: runInjected },
  { title: 'upgrade the operator to two replicas with a NetworkPolicy while a WaitGroup is waiting', run: upgrade },
];

/** What would be taken for leftovers, or be removed at the end: the run begins without any of it. */
export async function foundInstalled({ cluster, manifests }: Scenario): Promise<string> {
  const get = ['get', '--ignore-not-found', '-o', 'name', '-f', '-'];
  const found = [await cluster.kubectl(get, manifests.install)];
  if (await cluster.servesMutation())
    for (const manifest of [manifests.injection, manifests.hold]) found.push(await cluster.kubectl(get, manifest));
  return found.join('');
}

async function install({ cluster, manifests, namespace }: Scenario): Promise<void> {
  await cluster.kubectl(['apply', '--server-side', '-f', '-'], manifests.install);
  await cluster.kubectl(['rollout', 'status', DEPLOYMENT, '-n', SYSTEM, WITHIN]);
  await cluster.kubectl(['create', 'namespace', namespace]);
  await cluster.kubectl(['label', 'namespace', namespace, `${POD_SECURITY}=restricted`]);
}

async function runExamples({ cluster, manifests, namespace }: Scenario): Promise<void> {
  const inNamespace = ['-n', namespace];
  for (const example of EXAMPLES)
    await cluster.kubectl(['apply', ...inNamespace, '-f', '-'], manifests.examples[example]);
  const awaited: [string, string][] = [
    ['--for=condition=Complete', 'job/coordinator'],
    ['--for=condition=Complete', 'job/batch-process'],
    // A group is Done until work is added to it.
    ['--for=jsonpath={.status.added}=5', 'waitgroup/workers'],
    ['--for=condition=Done', 'waitgroup/workers'],
  ];
  for (const [condition, object] of awaited) await cluster.kubectl(['wait', condition, object, ...inNamespace, WITHIN]);
  const counters = 'jsonpath={range .items[*]}{.metadata.name}={.status.counter}/{.status.added} {end}';
  const counted = await cluster.kubectl(['get', 'waitgroups', ...inNamespace, '-o', counters]);
  if (!/^batch-jobs=0\/10 batch-process=0\/3 pipeline-stage=0\/[1-5] workers=0\/5 $/.test(counted))
    throw new Error(`the groups count ${counted}`);
}

async function runCopied({ cluster, manifests, namespace }: Scenario): Promise<void> {
  const inNamespace = ['-n', namespace];
  await cluster.kubectl(['apply', ...inNamespace, '-f', '-'], manifests.copied);
  const jobs = ['job/copied-worker', 'job/copied-waiter'];
  await cluster.kubectl(['wait', '--for=condition=Complete', ...jobs, ...inNamespace, WITHIN]);
}

/** The workers wait for a gate, so that one is certainly at work when it is deleted; only its replacement marks its work done. */
async function runDrained({ cluster, manifests, namespace }: Scenario): Promise<void> {
  const inNamespace = ['-n', namespace];
  await cluster.kubectl(['apply', ...inNamespace, '-f', '-'], manifests.drained);
  const ofJob = ['-l', 'batch.kubernetes.io/job-name=drained'];
  await cluster.kubectl(['wait', '--for=jsonpath={.status.ready}=2', 'job/drained', ...inNamespace, WITHIN]);
  const [pod = ''] = (await cluster.kubectl(['get', 'pods', ...ofJob, ...inNamespace, '-o', 'name'])).split('\n');
  await cluster.kubectl(['delete', pod, ...inNamespace, WITHIN]);
  const status = 'jsonpath={.status.counter}/{.status.added}/{.status.completions}';
  const counted = () => cluster.kubectl(['get', 'waitgroup', 'drained', ...inNamespace, '-o', status]);
  const before = await counted();
  await cluster.koncli('waitgroup', 'done', 'gate', ...inNamespace);
  await cluster.kubectl(['wait', '--for=condition=Complete', 'job/drained', ...inNamespace, WITHIN]);
  const after = await counted();
  if (before !== '2/2/0' || after !== '0/2/1') throw new Error(`the group counts ${before}, then ${after}`);
}

async function runInjected(scenario: Scenario): Promise<void> {
  const { cluster, manifests, namespace } = scenario;
  if (!(await cluster.servesMutation())) return;
  const inNamespace = ['-n', namespace];
  // The guide's pod asks for nothing that the standard wants.
  await cluster.kubectl(['label', 'namespace', namespace, `${POD_SECURITY}-`]);
  await cluster.kubectl(['apply', '--server-side', '-f', '-'], manifests.injection);
  await eventually('the policy’s effect', () => injects(cluster, inNamespace), { timeoutMs: 30_000 });
  await grantWorker(scenario);
  await cluster.kubectl(['apply', ...inNamespace, '-f', '-'], manifests.injected);
  await cluster.kubectl(['wait', '--for=condition=Complete', 'job/nightly', ...inNamespace, WITHIN]);
  await cluster.kubectl(['wait', '--for=condition=Done', 'waitgroup/nightly', ...inNamespace, WITHIN]);
  if (!manifests.injectedIntoNothing) return;
  await cluster.kubectl(['apply', ...inNamespace, '-f', '-'], manifests.injectedIntoNothing);
  await cluster.kubectl(['wait', '--for=condition=Complete', 'job/nothing', ...inNamespace, WITHIN]);
}

/** An API server takes a moment to know a new policy. */
async function injects(cluster: Cluster, inNamespace: readonly string[]): Promise<boolean> {
  const probe = ['run', 'probe', '--image=probe', '--labels=konductor.io/waitgroup=nightly', '--dry-run=server'];
  const volumes = await cluster.kubectl([...probe, ...inNamespace, '-o', 'jsonpath={.spec.volumes[*].name}']);
  return volumes.split(' ').includes('konductor');
}

/** The steps of the guide. */
async function grantWorker({ cluster, namespace }: Scenario): Promise<void> {
  const create = (...args: string[]) => cluster.kubectl(['create', ...args, '-n', namespace]);
  const role = (name: string, verbs: string, resource: string, ...flags: string[]) =>
    create('role', name, `--verb=${verbs}`, `--resource=${resource}`, ...flags);
  await create('serviceaccount', 'nightly');
  await role('nightly-waiter', 'get,list,watch', 'waitgroups.konductor.io', '--resource-name=nightly');
  await role('nightly-report', 'create', 'waitgroups.konductor.io/report', '--resource-name=nightly');
  await role('nightly-worker', 'create,get,list,patch', 'waitgroupworkers.konductor.io');
  for (const name of ['nightly-waiter', 'nightly-report', 'nightly-worker'])
    await create('rolebinding', name, `--role=${name}`, `--serviceaccount=${namespace}:nightly`);
}

/** A waiter sees the group done over the upgrade, and the new operator collects it. */
async function upgrade({ cluster, manifests, namespace }: Scenario): Promise<void> {
  const inNamespace = ['-n', namespace];
  await cluster.koncli('waitgroup', 'create', 'upgraded', '--initial-count', '1', '--ttl', '1s', ...inNamespace);
  const waiting = cluster.koncli('waitgroup', 'wait', 'upgraded', '--timeout', '5m', ...inNamespace);
  waiting.catch(() => undefined);
  await cluster.kubectl(['apply', '--server-side', '-f', '-'], manifests.upgrade);
  await cluster.kubectl(['rollout', 'status', DEPLOYMENT, '-n', SYSTEM, WITHIN]);
  await cluster.koncli('waitgroup', 'done', 'upgraded', ...inNamespace);
  await waiting;
  await cluster.kubectl(['wait', '--for=delete', 'waitgroup/upgraded', ...inNamespace, WITHIN]);
}

/** Everything that the steps have created so far. Returns what still exists. */
export async function remove(scenario: Scenario): Promise<string> {
  const { cluster, manifests, namespace } = scenario;
  const within = ['--ignore-not-found', WITHIN];
  await cluster.kubectl(['delete', 'namespace', namespace, ...within]);
  const remove = ['delete', ...within, '-f', '-'];
  if (await cluster.servesMutation())
    for (const manifest of [manifests.injection, manifests.hold]) await cluster.kubectl(remove, manifest);
  await cluster.kubectl(remove, manifests.install);
  return foundInstalled(scenario);
}

/** What helps to understand a step that failed. */
export async function describeTrouble({ cluster, namespace }: Scenario): Promise<string> {
  const inNamespace = ['-n', namespace];
  const reports = [
    await cluster.show('get', 'waitgroups,jobs,pods', ...inNamespace),
    await cluster.show('get', 'events', ...inNamespace, '--sort-by=.lastTimestamp', '--field-selector=type=Warning'),
    await cluster.show('logs', DEPLOYMENT, '-n', SYSTEM, '--tail=20'),
  ];
  return reports.join('\n');
}
