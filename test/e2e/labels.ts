// The steps whose workloads know nothing of Konductor: labels count them, and hold them back until others have finished.
import { eventually } from '../support/waiting/eventually.ts';
import { type Scenario, WITHIN } from './step.ts';
import { apply, awaits, equal, eventsOn, matches, recordsOf, run, statusOf, type Target } from './target.ts';

const FAN = ['fan-1', 'fan-2', 'fan-3'];
/** An object that is held for a missing WaitGroup is let go when it is 30 s old. */
const MISSING = { timeoutMs: 120_000 };

/** The operator counts Jobs without any other permission; it says that it cannot let go what is held. */
export async function runFan({ cluster, manifests, namespace }: Scenario): Promise<void> {
  const target = { cluster, namespace };
  await apply(target, manifests.fan);
  await awaits(target, 'fan', 'jsonpath={.status.added}=3');
  await awaits(target, 'fan', 'jsonpath={.status.counter}=1');
  await run(target, 'wait', '--for=condition=Complete', 'job/unheld', WITHIN);
  await eventually('the Event of a Job that nothing holds', () => eventsOn(target, 'unheld', 'NotHeld'));
  await expectHeld(target, 'fan-in');
  await run(target, 'patch', 'job', 'fan-3', '--type=merge', '-p', '{"spec":{"suspend":false}}');
  await awaits(target, 'fan', 'jsonpath={.status.outcome}=Succeeded');
  equal(await statusOf(target, 'fan'), '0 3 1');
  equal(
    await recordsOf(target, 'fan'),
    FAN.map((job) => `${job} Done 1 1 0`),
  );
  for (const held of ['fan-in', ...(await podsOf(target, 'fan-in'))])
    await eventually(`the Event of ${held}`, () => eventsOn(target, held, 'ReleaseForbidden'));
  await expectHeld(target, 'fan-in');
}

/** What waited for the permission goes on, and from now on the label alone holds. */
export async function runStages(scenario: Scenario): Promise<void> {
  const { cluster, manifests, namespace } = scenario;
  if (!(await cluster.servesMutation())) return;
  const target = { cluster, namespace };
  await cluster.kubectl(['apply', '--server-side', '-f', '-'], manifests.hold);
  await expectLetGo(target, 'fan-in');
  await eventually('the policy’s effect', () => holds(scenario), { timeoutMs: 30_000 });
  await apply(target, manifests.stages);
  await expectLetGo(target, 'stage-3');
  for (const stage of ['stage-1', 'stage-2']) {
    equal(await statusOf(target, stage), '0 1 1');
    equal(await recordsOf(target, stage), [`${stage} Done 1 1 0`]);
  }
  const times = await Promise.all([1, 2, 3].map((stage) => timesOf(target, `stage-${stage}`)));
  equal(times.flat(), times.flat().sort());
}

/** The pods of a Deployment outlive the WaitGroup that the first of them waited for. */
export async function runReplaced({ cluster, namespace }: Scenario): Promise<void> {
  if (!(await cluster.servesMutation())) return;
  const target = { cluster, namespace };
  await run(target, 'patch', 'waitgroup', 'fan', '--type=merge', '-p', '{"spec":{"ttl":"1s"}}');
  await run(target, 'wait', '--for=delete', 'waitgroup/fan', WITHIN);
  await run(target, 'delete', 'pods', '-l', 'app=fan-in', WITHIN);
  const gates = () => run(target, 'get', 'pods', '-l', 'app=fan-in', '-o', 'jsonpath={.items[*].spec.schedulingGates}');
  if (!(await gates())) throw new Error('nothing holds the new pods');
  await eventually('letting go', async () => !(await gates()), MISSING);
  await run(target, 'rollout', 'status', 'deployment/fan-in', WITHIN);
}

/** Waiters end, and what is held stays held. */
export async function runBroken({ cluster, manifests, namespace }: Scenario): Promise<void> {
  const target = { cluster, namespace };
  await apply(target, manifests.broken);
  const wait = ['waitgroup', 'wait', 'broken', '--min-added', '1', '--timeout', '5m', '-n', namespace];
  matches(await cluster.koncli(...wait).catch(String), /exited with 6: .*JobFailed.*breaks/s);
  for (const held of ['after-broken', ...(await podsOf(target, 'after-broken'))])
    await eventually(`the Event of ${held}`, () => eventsOn(target, held, 'WaitGroupFailed'));
  await expectHeld(target, 'after-broken');
}

/** The Job is the CronJob's, whose template has the label. */
export async function runScheduled({ cluster, manifests, namespace }: Scenario): Promise<void> {
  const target = { cluster, namespace };
  await apply(target, manifests.scheduled);
  await run(target, 'create', 'job', 'scheduled-1', '--from=cronjob/scheduled');
  await awaits(target, 'scheduled', 'jsonpath={.status.outcome}=Succeeded');
  equal(await recordsOf(target, 'scheduled'), ['scheduled-1 Done 1 1 0']);
}

async function podsOf(target: Target, app: string): Promise<string[]> {
  return (await run(target, 'get', 'pods', '-l', `app=${app}`, '-o', 'jsonpath={.items[*].metadata.name}')).split(' ');
}

/** A Job and the two pods of a Deployment of the same name. */
async function expectHeld(target: Target, name: string): Promise<void> {
  equal(await run(target, 'get', 'job', name, '-o', 'jsonpath={.spec.suspend} {.status.startTime}'), 'true ');
  const path = 'jsonpath={.items[*].status.conditions[?(@.type=="PodScheduled")].reason}';
  const pods = () => run(target, 'get', 'pods', '-l', `app=${name}`, '-o', path);
  await eventually('holding two pods', async () => (await pods()) === 'SchedulingGated SchedulingGated');
}

async function expectLetGo(target: Target, name: string): Promise<void> {
  await run(target, 'wait', '--for=condition=Complete', `job/${name}`, WITHIN);
  await run(target, 'rollout', 'status', `deployment/${name}`, WITHIN);
}

/** An API server takes a moment to know a new policy. */
async function holds({ cluster, manifests, namespace }: Scenario): Promise<boolean> {
  const create = ['create', '--dry-run=server', '-n', namespace, '-f', '-'];
  const path = 'jsonpath={.spec.suspend}{.spec.schedulingGates[*].name} ';
  return (await cluster.kubectl([...create, '-o', path], manifests.probe)) === 'true konductor.io/after ';
}

async function timesOf(target: Target, job: string): Promise<string[]> {
  const path = 'jsonpath={.status.startTime} {.status.completionTime}';
  return (await run(target, 'get', 'job', job, '-o', path)).split(' ');
}
