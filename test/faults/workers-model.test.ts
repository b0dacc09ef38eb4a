// Random histories of workers and anonymous clients against the real API server, with two operators that are killed now and then:
// when all is quiet, the counter is the anonymous balance and what the workers have outstanding, less what they finished of others.
import { CounterRejectedError, type WorkerCounted } from '@konductor/client';
import { currentStatus, type WaitGroupStatus, type WaitGroupWorker } from '@konductor/schema';
import fc from 'fast-check';
import { beforeAll, expect, inject, it } from 'vitest';
import { installOperator, startOperatorIn } from '../support/cluster/installed-operator.ts';
import type { OperatorProcess } from '../support/processes/operator.ts';
import { eventually } from '../support/waiting/eventually.ts';
import { newFaultedGroup } from './faulted-group.ts';
import { loseResponse } from './faults.ts';
import { POD, TWIN } from './folded-group.ts';
import { inLongRun } from './random.ts';

const access = inject('controlPlane');
const HISTORIES = inLongRun(12, 3);
let kubeconfig: string;

beforeAll(async () => {
  kubeconfig = await installOperator(access);
});

interface Model {
  /** What anonymous clients have added, less what they have finished. */
  anonymous: number;
}

interface Real extends Awaited<ReturnType<typeof newFaultedGroup>> {
  readonly name: string;
  readonly operators: OperatorProcess[];
}

type Command = fc.AsyncCommand<Model, Real>;

function command(name: string, run: (real: Real, model: Model) => Promise<unknown>): Command {
  return {
    check: () => true,
    run: async (model, real) => {
      await run(real, model);
    },
    toString: () => name,
  };
}

const statusOf = async ({ direct, name }: Real): Promise<WaitGroupStatus> => currentStatus(await direct.get(name));
const outstanding = (record?: WaitGroupWorker) => (record ? record.spec.added - record.spec.done : 0);

async function expectCounted(real: Real, { outcome, record }: WorkerCounted): Promise<void> {
  if (outcome === 'otherPod' || outstanding(record) === 0) return;
  expect((await statusOf(real)).counter).toBeGreaterThan(0);
}

async function countAnonymously({ client, name }: Real, model: Model, delta: number): Promise<void> {
  try {
    await client.add(name, delta);
    model.anonymous += delta;
  } catch (error) {
    if (!(error instanceof CounterRejectedError)) throw error;
  }
}

const id = fc.constantFrom('a', 'b', 'c');
const pod = fc.constantFrom(POD, TWIN);
const isLost = fc.boolean();
const CALLS = ['add', 'start', 'done', 'fail', 'release'] as const;
const commands = [
  fc.tuple(fc.constantFrom(...CALLS, 'add', 'done'), id, pod, isLost).map(([kind, worker, pod, lost]) =>
    command(`${kind} ${worker} of ${pod.name}${lost ? ', response lost' : ''}`, async (real) => {
      if (lost) real.proxy.onRecordWrite(loseResponse);
      const client = real.client.worker(real.name, { id: worker, pod });
      const counted = await (kind === 'fail' ? client.fail({ message: 'disk full' }) : client[kind]());
      if (kind === 'add') await expectCounted(real, counted);
    }),
  ),
  id.map((worker) =>
    command(`twins add and finish ${worker} at once`, async (real) => {
      const twin = async (pod: typeof POD) => {
        const client = real.client.worker(real.name, { id: worker, pod });
        await client.add();
        await client.done();
      };
      await Promise.all([twin(POD), twin(TWIN)]);
    }),
  ),
  fc
    .integer({ min: -2, max: 3 })
    .map((delta) => command(`count ${delta}`, (real, model) => countAnonymously(real, model, delta))),
  fc.nat({ max: 1 }).map((index) =>
    command(`operator ${index} is killed and starts again`, async ({ operators, direct }) => {
      const killed = operators[index];
      if (killed) process.kill(killed.pid, 'SIGKILL');
      await killed?.exited;
      operators[index] = await startOperatorIn(direct.namespace, kubeconfig);
    }),
  ),
];

async function expectQuiet(real: Real, { anonymous }: Model): Promise<void> {
  const records = await real.direct.workers(real.name);
  const sum = (of: (record: WaitGroupWorker) => number) => records.reduce((total, record) => total + of(record), 0);
  const own = sum(outstanding);
  const borrowed = sum(({ spec }) => spec.borrowed);
  const expected = { counter: anonymous + own - Math.min(borrowed, anonymous) };
  const status = await eventually(`counter ${expected.counter}`, async () => {
    const status = await statusOf(real);
    expect(status).toMatchObject(expected);
    expect(status.workers?.borrowed ?? 0).toBe(Math.min(borrowed, anonymous));
    return status;
  });
  const isOverrun = status.conditions?.some(({ type }) => type === 'Overrun');
  expect(isOverrun).toBe(borrowed > anonymous);
}

it('the count is true, whatever is repeated, lost, taken over, released or killed', { timeout: 400_000 }, async () => {
  const group = await newFaultedGroup(access);
  const { namespace } = group.direct;
  const operators = await Promise.all([1, 2].map(() => startOperatorIn(namespace, kubeconfig)));
  let groups = 0;
  const history = fc.commands(commands, { maxCommands: 25, size: 'max' });
  const run = async (commands: Iterable<Command>) => {
    const real: Real = { ...group, name: `batch-${groups++}`, operators };
    const model: Model = { anonymous: 0 };
    await group.direct.create({ name: real.name });
    await fc.asyncModelRun(() => ({ model, real }), commands);
    await expectQuiet(real, model);
  };
  await fc.assert(fc.asyncProperty(history, run), { numRuns: HISTORIES, endOnFailure: true });
});
