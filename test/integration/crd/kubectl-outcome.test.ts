// kubectl wait on how a round ends: kubectl can wait for one condition only, and status.outcome is there on success and on failure.
import { expect, inject, it } from 'vitest';
import { newGroup } from '../../support/cluster/client-access.ts';
import { kubectl, kubectlOutput } from '../../support/processes/kubectl.ts';

const controlPlane = inject('controlPlane');
const OUTCOME = '--for=jsonpath={.status.outcome}';
const CONDITIONS = [OUTCOME, '--for=condition=Failed', '--for=condition=Done'];
const failure = { reason: 'DiskFull', message: 'no space left' };

type Client = Awaited<ReturnType<typeof newGroup>>['client'];

const add = (client: Client) => client.add('batch', 2);
const finish = (client: Client) => client.done('batch', 2);
const fail = (client: Client) => client.fail('batch', failure);
const finishTheRest = (client: Client) => client.done('batch');

it('lets kubectl wait for either outcome, for Failed and for Done, in each round', async () => {
  const { namespace, client } = await newGroup(controlPlane);
  const areMet = () =>
    Promise.all(
      CONDITIONS.map(async (condition) => {
        const wait = ['wait', condition, 'waitgroup/batch', '--timeout=0', '-n', namespace];
        return (await kubectl(controlPlane, wait)).code === 0;
      }),
    );
  const met: Record<string, readonly boolean[]> = {};
  for (const [state, step] of [
    ['waiting', add],
    ['failed, work outstanding', fail],
    ['failed, counter zero', finishTheRest],
    ['next round', add],
    ['succeeded', finish],
    ['third round', add],
  ] as const) {
    await step(client);
    met[state] = await areMet();
  }
  expect(met).toEqual({
    waiting: [false, false, false],
    'failed, work outstanding': [true, true, false],
    'failed, counter zero': [true, true, true],
    'next round': [false, false, false],
    succeeded: [true, false, true],
    'third round': [false, false, false],
  });
});

it.each([
  ['the work is done', OUTCOME, finish, 'Succeeded'],
  ['the round fails', OUTCOME, fail, 'Failed'],
  ['the round fails', '--for=condition=Failed', fail, 'Failed'],
  ['the round fails', `${OUTCOME}=Failed`, fail, 'Failed'],
])('wakes a kubectl wait when %s: %s', async (_when, condition, step, outcome) => {
  const { namespace, client } = await newGroup(controlPlane);
  await add(client);
  const run = (...args: string[]) => kubectlOutput(controlPlane, [...args, '-n', namespace]);
  const waiting = run('wait', condition, 'waitgroup/batch', '--timeout=60s');
  await step(client);
  await expect(waiting).resolves.toBe('waitgroup.konductor.io/batch condition met\n');
  await expect(run('get', 'waitgroup', 'batch', '-o', 'jsonpath={.status.outcome}')).resolves.toBe(outcome);
});
