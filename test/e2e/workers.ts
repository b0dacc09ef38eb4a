// The steps whose workers have an identity: however their pods end, each is counted once, and nobody waits for it in vain.
import { eventually } from '../support/waiting/eventually.ts';
import { evict, kill, killAnyOf } from './pod-ends.ts';
import { type Scenario, WITHIN } from './step.ts';
import { apply, awaits, equal, eventsOf, matches, recordsOf, run, statusOf } from './target.ts';
import { ENDED_BY, INDEXES } from './worker-pods.ts';

const KILLS = 12;

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
  const expected = workers.map((way) => `ended-by-${way} ${way === 'restart' ? 'Done' : 'Lost'} 1 1 0`).sort();
  equal(states, expected);
  equal(await statusOf(target, 'ended'), `0 ${workers.length} 1`);
  for (const way of workers.filter((name) => name !== 'restart'))
    await eventually(`the Event of ${way}`, async () => (await eventsOf(target, 'ended')).includes(`ended-by-${way}`));
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

  await eventually('the Event', async () => (await eventsOf(target, 'kept')).includes('kept-by-kept'));
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
  equal(await statusOf(target, 'indexed'), `0 ${INDEXES} 1`);
  const expected = Array.from({ length: INDEXES }, (_, index) => `indexed-${index} Done 0 0 1`);
  equal(await recordsOf(target, 'indexed'), expected);
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
