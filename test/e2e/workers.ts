// The steps whose workers have an identity: however their pods end, each is counted once, and nobody waits for it in vain.
import { eventually } from '../support/waiting/eventually.ts';
import { type Scenario, WITHIN } from './step.ts';
import { ENDED_BY } from './worker-pods.ts';

const KILLS = 12;

type Target = Pick<Scenario, 'cluster' | 'namespace'>;

/** All but the one whose container restarts are lost, and released. */
export async function runEnded({ cluster, manifests, namespace }: Scenario): Promise<void> {
  const target = { cluster, namespace };
  const workers = Object.keys(ENDED_BY);
  await apply(target, manifests.ended);
  await awaits(target, 'ended', `jsonpath={.status.added}=${workers.length}`);
  await Promise.all([
    ...['deletion', 'unlabelled'].map((way) => run(target, 'delete', 'pod', `ended-by-${way}`, '--wait=false')),
    run(target, 'delete', 'pod', 'ended-by-force', '--force', '--grace-period=0'),
    evict(target, 'ended-by-eviction'),
    ...['kill', 'restart'].map((way) => kill(target, `ended-by-${way}`)),
  ]);
  await awaits(target, 'ended', 'jsonpath={.status.outcome}=Succeeded');
  const states = await recordsOf(target, 'ended');
  const expected = workers.map((way) => `ended-by-${way} ${way === 'restart' ? 'Done' : 'Lost'} 1 1`).sort();
  equal(states, expected);
  equal(await statusOf(target, 'ended'), `0 ${workers.length} 1`);
  const lost = await eventsOf(target, 'ended', 'WorkerLost');
  for (const way of workers.filter((name) => name !== 'restart'))
    if (!lost.includes(`ended-by-${way}`)) throw new Error(`no Event names ended-by-${way}: ${lost}`);
}

/** Under Keep, people are told and release it; under Fail, the waiters end. */
export async function runLost({ cluster, manifests, namespace }: Scenario): Promise<void> {
  const target = { cluster, namespace };
  const inNamespace = ['-n', namespace];
  await apply(target, manifests.lost);
  for (const group of ['kept', 'failed']) await awaits(target, group, 'jsonpath={.status.added}=1');
  const waiting = cluster.koncli('waitgroup', 'wait', 'failed', '--timeout', '5m', ...inNamespace).catch(String);
  for (const group of ['kept', 'failed'])
    await run(target, 'delete', 'pod', `${group}-by-${group}`, '--force', '--grace-period=0');
  matches(await waiting, /exited with 6: .*WorkerLost.*failed-by-failed/s);

  await eventually('the Event', async () => (await eventsOf(target, 'kept', 'WorkerLost')).includes('kept-by-kept'));
  matches(await cluster.koncli('waitgroup', 'status', 'kept', ...inNamespace), /kept-by-kept/);
  const timeout = cluster.koncli('waitgroup', 'wait', 'kept', '--timeout', '1s', ...inNamespace).catch(String);
  matches(await timeout, /exited with 3: .*kept-by-kept/s);
  await cluster.koncli('waitgroup', 'release', 'kept', '--worker', 'kept-by-kept', ...inNamespace);
  await awaits(target, 'kept', 'jsonpath={.status.outcome}=Succeeded');
}

/** The Job replaces the pods that fail, so that they are not lost, although the policy is Fail. */
export async function runIndexed({ cluster, manifests, namespace }: Scenario): Promise<void> {
  const target = { cluster, namespace };
  await apply(target, manifests.indexed);
  await run(target, 'wait', '--for=condition=Complete', 'job/indexed', WITHIN);
  await awaits(target, 'indexed', 'jsonpath={.status.outcome}=Succeeded');
  equal(await statusOf(target, 'indexed'), '0 6 1');
  equal(
    await recordsOf(target, 'indexed'),
    [0, 1, 2, 3, 4, 5].map((index) => `indexed-${index} Done 1 1`),
  );
}

/** Whatever was killed in between. */
export async function runMortal({ cluster, manifests, namespace }: Scenario): Promise<void> {
  const target = { cluster, namespace };
  await apply(target, manifests.mortal);
  await run(target, 'rollout', 'status', 'deployment/mortal', WITHIN);
  for (let kills = 0; kills < KILLS; ) if (await killAnyOf(target, kills)) kills += 1;
  await run(target, 'scale', 'deployment/mortal', '--replicas=0');
  await awaits(target, 'mortal', 'jsonpath={.status.workers.active}=0');
  await awaits(target, 'mortal', 'jsonpath={.status.counter}=0');
  const sums = 'jsonpath={.status.workers.added} {.status.workers.finished}';
  const [added, finished] = (await run(target, 'get', 'waitgroup', 'mortal', '-o', sums)).split(' ').map(Number);
  if (!added || added !== finished) throw new Error(`the workers added ${added} and finished ${finished}`);
}

/** One of the pods that run, in another way each time; false: there was none, or it was gone already. */
async function killAnyOf(target: Target, kills: number): Promise<boolean> {
  const list = ['get', 'pods', '-l', 'app=mortal', '--field-selector=status.phase=Running', '-o', 'name'];
  const pods = (await run(target, ...list)).split('\n').filter(Boolean);
  const pod = pods[Math.floor(Math.random() * pods.length)]?.slice('pod/'.length);
  if (pod === undefined) return false;
  const ways = [
    () => run(target, 'delete', 'pod', pod, '--wait=false'),
    () => run(target, 'delete', 'pod', pod, '--force', '--grace-period=0'),
    () => evict(target, pod),
    () => kill(target, pod),
  ];
  return Boolean(
    await ways[kills % ways.length]?.().then(
      () => true,
      () => false,
    ),
  );
}

/** As a drain does it. */
function evict(target: Target, name: string): Promise<string> {
  const metadata = { name, namespace: target.namespace };
  const eviction = JSON.stringify({ apiVersion: 'policy/v1', kind: 'Eviction', metadata });
  const path = `/api/v1/namespaces/${target.namespace}/pods/${name}/eviction`;
  return target.cluster.kubectl(['create', '--raw', path, '-f', '-'], eviction);
}

/** All processes of its user, koncli first of all. The shell may end with them. */
async function kill(target: Target, pod: string): Promise<void> {
  await target.cluster.show('exec', pod, '-n', target.namespace, '--', 'sh', '-c', 'kill -9 -1');
}

const run = ({ cluster, namespace }: Target, ...args: string[]) => cluster.kubectl([...args, '-n', namespace]);
const apply = ({ cluster, namespace }: Target, manifest: string) =>
  cluster.kubectl(['apply', '-n', namespace, '-f', '-'], manifest);
const awaits = (target: Target, group: string, sign: string) =>
  run(target, 'wait', `--for=${sign}`, `waitgroup/${group}`, WITHIN);

const statusOf = (target: Target, group: string) =>
  run(target, 'get', 'waitgroup', group, '-o', 'jsonpath={.status.counter} {.status.added} {.status.completions}');

async function recordsOf(target: Target, group: string): Promise<string[]> {
  const fields = ['worker', 'state', 'added', 'done'].map((field) => `{.spec.${field}}`).join(' ');
  const path = `jsonpath={range .items[*]}${fields}{"\\n"}{end}`;
  const list = ['get', 'waitgroupworkers', `--field-selector=spec.waitGroup=${group}`, '-o', path];
  return (await run(target, ...list)).split('\n').filter(Boolean).sort();
}

const eventsOf = (target: Target, group: string, reason: string) => {
  const selector = `--field-selector=involvedObject.kind=WaitGroup,involvedObject.name=${group},reason=${reason}`;
  return run(target, 'get', 'events', selector, '-o', 'jsonpath={.items[*].message}');
};

function equal(found: unknown, expected: unknown): void {
  const [one, other] = [JSON.stringify(found), JSON.stringify(expected)];
  if (one !== other) throw new Error(`${one} in place of ${other}`);
}

function matches(text: string, pattern: RegExp): void {
  if (!pattern.test(text)) throw new Error(`${pattern} does not match: ${text}`);
}
