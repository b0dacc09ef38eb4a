// Random histories of workers and anonymous work on the real API server, while the operator is killed, as model commands of
// fast-check. The pure rules' counterpart is test/schema/model.
import { CounterRejectedError, WaitGroupClient } from '@konductor/client';
import fc from 'fast-check';
import { expect, inject, it } from 'vitest';
import { startImmortalOperator } from '../../support/cluster/immortal-operator.ts';
import { installOperator } from '../../support/cluster/installed-operator.ts';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import { create, transport } from '../../support/cluster/raw-requests.ts';
import { identityOf, statusOf, workersIn } from '../../support/cluster/worker-records.ts';
import { eventually } from '../../support/waiting/eventually.ts';

const controlPlane = inject('controlPlane');
const WORKERS = ['a', 'b', 'c', 'd'] as const;
const LIMIT = { timeoutMs: 60_000 };

interface Model {
  /** What was added and finished without an ID. */
  anonymous: number;
  anonymouslyAdded: number;
  /** Whose add has returned, and whose work is outstanding. */
  readonly returned: Set<string>;
}

interface Real {
  readonly group: ReturnType<typeof identityOf>;
  readonly client: WaitGroupClient;
  readonly kill: () => void;
}

type Command = fc.AsyncCommand<Model, Real>;

/** After each one, the counter has at least the work of all workers whose add has returned. */
function command(name: string, run: (model: Model, real: Real) => Promise<unknown>): Command {
  return {
    check: () => true,
    run: async (model, real) => {
      await run(model, real);
      expect((await statusOf(real.group)).counter).toBeGreaterThanOrEqual(model.returned.size);
    },
    toString: () => name,
  };
}

const change = (kind: 'add' | 'start' | 'done' | 'release', id: string): Command =>
  command(`${kind} ${id}`, async ({ returned }, { group, client }) => {
    if (kind !== 'add') returned.delete(id);
    const { record } = await client.worker(group.name, { id })[kind](LIMIT);
    if (kind === 'add' && record?.spec.added !== record?.spec.done) returned.add(id);
  });

const count = (delta: number): Command =>
  command(`count ${delta}`, async (model, { group, client }) => {
    try {
      await client.add(group.name, delta, LIMIT);
    } catch (error) {
      if (error instanceof CounterRejectedError) return;
      throw error;
    }
    model.anonymous += delta;
    model.anonymouslyAdded += Math.max(delta, 0);
  });

const kinds = fc.constantFrom('add', 'add', 'start', 'done', 'done', 'release');
const commands = [
  fc.tuple(kinds, fc.constantFrom(...WORKERS)).map(([kind, id]) => change(kind as 'add', id)),
  fc.constantFrom(-2, -1, 1, 2, 3).map(count),
  fc.constant(command('kill the operator', async (_, { kill }) => kill())),
];

/** When all is quiet, the counter is the anonymous balance, what workers have outstanding, less what they finished of the former. */
async function expectSettled({ anonymous, anonymouslyAdded }: Model, { group }: Real): Promise<void> {
  const specs = (await workersIn(group)).filter(({ spec }) => spec.waitGroupUid === group.uid).map(({ spec }) => spec);
  const sum = (of: (spec: (typeof specs)[number]) => number) => specs.reduce((total, spec) => total + of(spec), 0);
  const borrowed = Math.min(
    sum((spec) => spec.borrowed),
    anonymous,
  );
  const counter = anonymous + sum(({ added, done }) => added - done) - borrowed;
  const added = anonymouslyAdded + sum((spec) => spec.added);
  await eventually(
    `a counter of ${counter}, ${added} added`,
    async () => {
      const status = await statusOf(group);
      return status.counter === counter && status.added === added;
    },
    LIMIT,
  );
}

it('after any history, while the operator is killed, each unit of work is counted once', {
  timeout: 300_000,
}, async () => {
  const kubeconfig = await installOperator(controlPlane);
  const namespace = await createNamespace(controlPlane, 'history');
  const operator = startImmortalOperator(namespace, kubeconfig);
  const client = new WaitGroupClient(transport, { namespace });
  let groups = 0;
  const property = fc.asyncProperty(fc.commands(commands, { maxCommands: 40, size: 'max' }), async (history) => {
    const group = identityOf(await create(namespace, { metadata: { name: `group-${++groups}` }, spec: {} }));
    await eventually('its status', () => statusOf(group), LIMIT);
    const model: Model = { anonymous: 0, anonymouslyAdded: 0, returned: new Set() };
    const real: Real = { group, client, kill: operator.kill };
    await fc.asyncModelRun(() => ({ model, real }), history);
    await expectSettled(model, real);
  });
  await fc.assert(property, { numRuns: 3, endOnFailure: true });
  await operator.end();
});
