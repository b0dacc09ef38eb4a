import { expect, inject, it } from 'vitest';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import { api, count, create } from '../../support/cluster/raw-requests.ts';
import { kubectl, kubectlOutput } from '../../support/processes/kubectl.ts';

const controlPlane = inject('controlPlane');
const run = (namespace: string, ...args: string[]) => kubectlOutput(controlPlane, ['-n', namespace, ...args]);
const rows = (table: string) =>
  table
    .trimEnd()
    .split('\n')
    .map((line) => line.trimEnd().split(/ {2,}/));

/** The object that the API page shows. */
const page = (namespace: string) => `
apiVersion: konductor.io/v1
kind: WaitGroup
metadata:
  name: worker-group
  namespace: ${namespace}
spec:
  ttl: 1h
status:
  counter: 3
  phase: Waiting
`;

it('takes the API page’s object as printed, and its status by the status subresource', async () => {
  const namespace = await createNamespace(controlPlane, 'page');
  await kubectlOutput(controlPlane, ['create', '-f', '-'], { input: page(namespace) });
  await kubectlOutput(controlPlane, ['replace', '--subresource=status', '-f', '-'], { input: page(namespace) });
  const group = await api.get(namespace, 'worker-group');
  expect(group).toMatchObject({ spec: { ttl: '1h' }, status: { counter: 3, phase: 'Waiting' } });
});

it.each([
  ['.status.counter', '3'],
  ['.status.phase', 'Waiting'],
])('prints %s by jsonpath, as the API page does', async (path, value) => {
  const namespace = await createNamespace(controlPlane, 'page');
  await count(await create(namespace, {}), 3);
  await expect(run(namespace, 'get', 'waitgroup', 'group', '-o', `jsonpath={${path}}`)).resolves.toBe(value);
});

it.each(['waitgroups', 'waitgroup', 'wg', 'konductor', 'waitgroups.v1.konductor.io'])(
  'is found as %s',
  async (name) => {
    const namespace = await createNamespace(controlPlane, 'names');
    await create(namespace, {});
    await expect(run(namespace, 'get', name, '-o', 'name')).resolves.toBe('waitgroup.konductor.io/group\n');
  },
);

it('shows counter, phase, added, ttl and age', async () => {
  const namespace = await createNamespace(controlPlane, 'columns');
  await count(await create(namespace, { spec: { ttl: '1h30m' } }), 5, -2);
  expect(rows(await run(namespace, 'get', 'wg'))).toEqual([
    ['NAME', 'COUNTER', 'PHASE', 'ADDED', 'TTL', 'AGE'],
    ['group', '3', 'Waiting', '5', '1h30m', expect.stringMatching(/^\d+s$/)],
  ]);
});

it('shows the age of the completion when wide', async () => {
  const namespace = await createNamespace(controlPlane, 'columns');
  const group = await count(await create(namespace, {}), 1, -1);
  if (group.status) await api.updateStatus(group, { ...group.status, completedAt: new Date().toISOString() });
  const [head, row] = rows(await run(namespace, 'get', 'wg', '-o', 'wide'));
  expect(head).toEqual(['NAME', 'COUNTER', 'PHASE', 'ADDED', 'TTL', 'OUTCOME', 'ACTIVE', 'LOST', 'COMPLETED', 'AGE']);
  expect(row?.slice(0, 4)).toEqual(['group', '0', 'Done', '1']);
  expect(row?.at(-2)).toMatch(/^\d+s$/);
});

it.each([
  ['waitgroup', /sync\.WaitGroup in Go/],
  ['waitgroup.spec.ttl', /ttl <string>.*How long the WaitGroup is kept after completion or failure, as a Go duration/],
  [
    'waitgroup.spec.deadline',
    /deadline <string>.*How long work may be outstanding.*fails the round with reason DeadlineExceeded/,
  ],
  ['waitgroup.spec.initialCount', /initialCount <integer>.*Immutable/],
  ['waitgroup.status.counter', /counter <integer>.*Outstanding work/],
  ['waitgroup.status.phase', /phase <string> ENUM: Waiting Done/],
  ['waitgroup.status.outcome', /outcome <string> ENUM: Succeeded Failed.*jsonpath='{.status.outcome}'/],
  ['waitgroup.status.failure', /failure <Object>.*The first failure of the present round.*at <string> -required-/],
  ['waitgroup.status.failures', /failures <integer>.*Number of rounds that failed/],
  ['waitgroup.status.startedAt', /startedAt <string>.*spec.deadline starts at this time/],
  ['waitgroup.status.failedAt', /failedAt <string>.*spec.ttl starts at this time/],
  ['waitgroup.status.recentOperations.by', /pod or host that requested/],
])('explains %s', async (field, text) => {
  const explained = await kubectlOutput(controlPlane, ['explain', field]);
  expect(explained.replaceAll(/\s+/g, ' ')).toMatch(text);
});

it('lets kubectl wait for Done, and for the next Done', async () => {
  const namespace = await createNamespace(controlPlane, 'wait');
  const isDone = async () => {
    const wait = ['wait', '--for=condition=Done', 'waitgroup/group', '--timeout=0', '-n', namespace];
    return (await kubectl(controlPlane, wait)).code === 0;
  };
  let group = await create(namespace, {});
  const seen: boolean[] = [];
  for (const delta of [2, -1, -1, 1, -1]) {
    group = await count(group, delta);
    seen.push(await isDone());
  }
  expect(seen).toEqual([false, false, true, false, true]);
});

it('wakes a kubectl wait that runs', async () => {
  const namespace = await createNamespace(controlPlane, 'wait');
  const group = await count(await create(namespace, {}), 1);
  const waiting = run(namespace, 'wait', '--for=condition=Done', 'waitgroup/group', '--timeout=30s');
  await count(group, -1);
  await expect(waiting).resolves.toBe('waitgroup.konductor.io/group condition met\n');
});
