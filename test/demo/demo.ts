// The demo's story: a coordinator adds ten workers, each marks its work done, a waiter waits, the operator deletes the WaitGroup.
// It reports what happened, and throws DemoFailure when that differs from what should have happened.

import { koncli } from '../support/processes/koncli-process.ts';
import { eventually } from '../support/waiting/eventually.ts';
import { startChild } from './child.ts';
import { createNarrator, type Narrator } from './narrator.ts';
import { GROUP, NAMESPACE, Stage, TTL } from './stage.ts';
import { failures, startWorkers, VICTIM, WORKERS } from './workers.ts';
import { acceptedWrites, userOf } from './writers.ts';

export interface DemoOptions {
  readonly signal: AbortSignal;
  readonly print: (text: string) => void;
  /** Kills one worker, to show that the demo notices. */
  readonly hasFault: boolean;
  /** Called when the story is over, while everything still runs. */
  readonly afterwards?: (stage: Stage, narrator: Narrator) => Promise<void>;
}

export class DemoFailure extends Error {
  override readonly name = 'DemoFailure';
}

const STEPS = 8;
const TTL_MS = Number.parseInt(TTL, 10) * 1000;

export async function runDemo(options: DemoOptions): Promise<void> {
  const narrator = createNarrator(options.print, STEPS);
  await using stage = await setStage(narrator, options.signal);
  await install(stage, narrator);
  await addWork(stage, narrator, options.signal);
  await workAndWait(stage, narrator, options);
  await show(stage, narrator);
  await showWriters(stage, narrator);
  await collect(stage, narrator);
  await options.afterwards?.(stage, narrator);
}

async function setStage(narrator: Narrator, signal: AbortSignal): Promise<Stage> {
  narrator.step('A real control plane: etcd and kube-apiserver on loopback');
  const startedAt = performance.now();
  const stage = await Stage.set(signal, narrator.say);
  narrator.say(`${stage.controlPlane.server} serves after ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
  return stage;
}

async function install(stage: Stage, narrator: Narrator): Promise<void> {
  narrator.step('Install: CRD, RBAC and the operator, under its own ServiceAccount’s token');
  narrator.command('kubectl apply --server-side -f cdk8s/manifests/install.yaml');
  await stage.install();
  const operator = await stage.startOperator();
  narrator.command(`konductor-operator   # pid ${operator.pid}, ready`);
  const { code, stdout } = await koncli(['doctor'], stage.controlPlane);
  narrator.command('koncli doctor', stdout);
  expect(code, 0, 'koncli doctor');
}

async function addWork(stage: Stage, narrator: Narrator, signal: AbortSignal): Promise<void> {
  narrator.step(`The batch example’s WaitGroup, and its coordinator, which adds ${WORKERS}`);
  narrator.say(`(the example has ttl: 1h; the demo uses ttl: ${TTL})`);
  narrator.command(
    'kubectl apply --server-side -f cdk8s/manifests/examples/batch-job.yaml',
    await stage.applyExample(),
  );
  const env = await stage.environmentOf('batch-jobs-coordinator');
  narrator.command(`koncli waitgroup add ${GROUP} --delta ${WORKERS}`);
  const args = ['waitgroup', 'add', GROUP, '--delta', String(WORKERS)];
  const add = startChild('koncli', args, { env, stdio: 'inherit', signal, adopt: stage.controlPlane.adopt });
  expect(await add.ended, 0, 'koncli waitgroup add');
}

async function workAndWait(stage: Stage, narrator: Narrator, { signal, hasFault }: DemoOptions): Promise<void> {
  narrator.step(`${WORKERS} workers work and mark it done, each with the token of its own pod only; a waiter waits`);
  const over = new AbortController();
  const owner = { signal: AbortSignal.any([signal, over.signal]), adopt: stage.controlPlane.adopt };
  const env = await stage.environmentOf('batch-jobs-coordinator');
  narrator.command(`koncli waitgroup wait ${GROUP} --timeout 30m`);
  const args = ['waitgroup', 'wait', GROUP, '--timeout', '30m'];
  const wait = startChild('koncli', args, { env, stdio: 'inherit', ...owner });
  const names = Array.from({ length: WORKERS }, (_, index) => `worker-${index + 1}`);
  const environments = await Promise.all(names.map((name) => stage.environmentOfPod('batch-jobs-worker', name)));
  const workers = startWorkers({ environments, group: GROUP, ...owner });
  if (hasFault) workers[VICTIM - 1]?.kill('SIGKILL');
  try {
    const died = await failures(workers);
    if (died.length > 0) throw new DemoFailure(`${died.join('; ')}: the group waits for what will never come`);
    expect(await wait.ended, 0, 'koncli waitgroup wait');
  } finally {
    over.abort();
    await Promise.all([wait, ...workers].map((child) => child.ended));
  }
}

async function show(stage: Stage, narrator: Narrator): Promise<void> {
  narrator.step('The WaitGroup as kubectl shows it');
  narrator.command(`kubectl get waitgroup ${GROUP}`, await stage.kubectl('get', 'waitgroup', GROUP));
  expect(await field(stage, narrator, '{.status.counter}'), '0', 'the counter');
  expect(await field(stage, narrator, '{.status.phase}'), 'Done', 'the phase');
  expect(await field(stage, narrator, '{.status.added}'), String(WORKERS), 'status.added');
  narrator.command('kubectl get waitgroupworkers', await stage.kubectl('get', 'waitgroupworkers'));
}

async function field(stage: Stage, narrator: Narrator, jsonpath: string): Promise<string> {
  const value = await stage.kubectl('get', 'waitgroup', GROUP, '-o', `jsonpath=${jsonpath}`);
  narrator.command(`kubectl get waitgroup ${GROUP} -o jsonpath='${jsonpath}'`, value);
  return value;
}

async function showWriters(stage: Stage, narrator: Narrator): Promise<void> {
  narrator.step(
    'Who counted: the coordinator in its status, and each worker in a record of its own, by the API server’s audit log',
  );
  const worker = userOf(NAMESPACE, 'batch-jobs-worker');
  const coordinator = userOf(NAMESPACE, 'batch-jobs-coordinator');
  const writes = await eventually(`one write of the coordinator and ${WORKERS} of the workers`, async () => {
    const found = await acceptedWrites(stage, GROUP);
    return found.get(worker) === WORKERS && found.get(coordinator) === 1 && found;
  });
  for (const [user, count] of writes) narrator.say(`${String(count).padStart(2)} by ${user}`);
}

async function collect(stage: Stage, narrator: Narrator): Promise<void> {
  narrator.step(`The operator deletes it when its TTL of ${TTL} after completion has expired`);
  const completedAt = await eventually('status.completedAt', () =>
    stage.kubectl('get', 'waitgroup', GROUP, '-o', 'jsonpath={.status.completedAt}'),
  );
  narrator.command(`kubectl wait --for=delete waitgroup/${GROUP}`);
  await stage.kubectl('wait', '--for=delete', `waitgroup/${GROUP}`, '--timeout=30s');
  const livedMs = Date.now() - Date.parse(completedAt);
  narrator.say(`gone ${(livedMs / 1000).toFixed(1)} s after its completion`);
  if (livedMs < TTL_MS) throw new DemoFailure(`it was deleted after ${livedMs} ms, before its ttl of ${TTL}`);
  await showEvents(stage, narrator);
}

async function showEvents(stage: Stage, narrator: Narrator): Promise<void> {
  narrator.step('The Events that the operator recorded');
  const events = await eventually('the Events Completed and Expired', async () => {
    const table = await stage.kubectl('get', 'events', '--field-selector', `involvedObject.name=${GROUP}`);
    return /\bCompleted\b/.test(table) && /\bExpired\b/.test(table) && table;
  });
  narrator.command(`kubectl get events --field-selector involvedObject.name=${GROUP}`, events);
}

function expect(actual: unknown, expected: unknown, what: string): void {
  if (actual !== expected) throw new DemoFailure(`${what} should be ${expected} and is ${actual}`);
}
