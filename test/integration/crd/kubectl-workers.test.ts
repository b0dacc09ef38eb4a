// Workers by kubectl alone: names, columns, explanations, selection, apply, and what holds the counter for every client.
import { foldWorkers, type WaitGroup } from '@konductor/schema';
import { describe, expect, inject, it } from 'vitest';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import { api, count, create, expectRefusal, replaceStatus } from '../../support/cluster/raw-requests.ts';
import { findWorker, identityOf, operate } from '../../support/cluster/worker-records.ts';
import { kubectl, kubectlOutput } from '../../support/processes/kubectl.ts';

const controlPlane = inject('controlPlane');
const namespace = await createNamespace(controlPlane, 'kubectl-workers');
const run = (...args: string[]) => kubectlOutput(controlPlane, ['-n', namespace, ...args]);
const rows = (table: string) =>
  table
    .trimEnd()
    .split('\n')
    .map((line) => line.trimEnd().split(/ {2,}/));
const newGroup = (name: string) => create(namespace, { metadata: { name } });

/** The group with the record of one worker in its counter. */
async function newFoldedGroup(name: string): Promise<WaitGroup> {
  const group = await count(await newGroup(name), 1);
  const record = await operate(identityOf(group), 'add', 'w');
  const fold = foldWorkers(group, { records: [record], revision: record.metadata.resourceVersion ?? '' }, new Date());
  return fold.kind === 'folded' ? api.updateStatus(group, fold.status) : expect.fail(fold.kind);
}

it('shows the workers of a group, and how many are Active and Lost when wide', async () => {
  const group = await newFoldedGroup('columns');
  const name = `columns.w.${group.metadata.uid?.slice(0, 8)}`;
  const age = expect.stringMatching(/^\d+s$/);
  const wide = await run('get', 'wgw', '-o', 'wide', '--field-selector', 'spec.waitGroup=columns');
  const [head, row] = rows(wide);
  expect(head).toEqual(['NAME', 'WAITGROUP', 'WORKER', 'STATE', 'POD', 'JOB', 'ADDED', 'DONE', 'BORROWED', 'AGE']);
  expect(row).toEqual([name, 'columns', 'w', 'Active', '1', '0', '0', age]);
  const [columns, cells] = rows(await run('get', 'wg', 'columns', '-o', 'wide'));
  expect(columns).toEqual([
    'NAME',
    'COUNTER',
    'PHASE',
    'ADDED',
    'TTL',
    'OUTCOME',
    'ACTIVE',
    'LOST',
    'COMPLETED',
    'AGE',
  ]);
  expect(cells).toEqual(['columns', '2', 'Waiting', '2', '1', '0', age]);
});

it('selects the workers of one group, in any namespace', async () => {
  for (const name of ['passed-over', 'selected']) await operate(identityOf(await newGroup(name)), 'add', 'w');
  const args = ['get', 'waitgroupworkers', '-A', '--field-selector', 'spec.waitGroup=selected', '-o', 'name'];
  expect(await run(...args)).toMatch(/^waitgroupworker\.konductor\.io\/selected\.w\.[0-9a-f]{8}\n$/);
});

it.each([
  ['waitgroupworker', /A worker of a WaitGroup with an identity\. Creating it in state Active adds its work/],
  ['wgw.spec.state', /state <string> ENUM: Active Done Failed Lost/],
  ['wgw.spec.waitGroupUid', /UID of that WaitGroup.*Immutable/],
  ['wgw.spec.added', /added <integer>.*Work that the worker has added, one unit at a time/],
  ['wgw.spec.round', /completions when the worker last added work/],
  ['wgw.spec.pod', /If it ends before the worker has finished, the worker is lost/],
  ['waitgroup.spec.workerPolicy', /workerPolicy <string> ENUM: Keep Release Fail/],
  ['waitgroup.status.workers', /The WaitGroupWorkers of this WaitGroup, as far as counter includes them/],
  ['waitgroup.status.workers.revision', /an add is counted once this is at least the resourceVersion/],
  ['waitgroup.status.workers.retiring', /Their work remains counted/],
])('explains %s', async (field, text) => {
  const explained = await kubectlOutput(controlPlane, ['explain', field]);
  expect(explained.replaceAll(/\s+/g, ' ')).toMatch(text);
});

it('takes part by create and patch, and applying a record again changes nothing', async () => {
  const { uid = '' } = (await newGroup('parts')).metadata;
  const name = `parts.shell.${uid.slice(0, 8)}`;
  const spec = { waitGroup: 'parts', waitGroupUid: uid, worker: 'shell', added: 1, state: 'Active' };
  const input = JSON.stringify({ apiVersion: 'konductor.io/v1', kind: 'WaitGroupWorker', metadata: { name }, spec });
  for (const flags of [[], ['--server-side', '--force-conflicts'], ['--server-side']]) {
    const applied = await kubectlOutput(controlPlane, ['apply', ...flags, '-n', namespace, '-f', '-'], { input });
    expect(applied).toMatch(/created|serverside-applied/);
    const again = ['apply', ...flags, '-n', namespace, '-f', '-'];
    const before = await findWorker(namespace, name);
    await kubectlOutput(controlPlane, again, { input });
    expect((await findWorker(namespace, name))?.metadata.resourceVersion).toBe(before?.metadata.resourceVersion);
  }
  const patch = (body: string) =>
    kubectl(controlPlane, ['patch', 'wgw', name, '-n', namespace, '--type=merge', '-p', body]);
  expect((await patch('{"spec":{"state":"Done"}}')).stderr).toMatch(/increase spec\.done by 1 in the same write/);
  expect((await patch('{"spec":{"state":"Done","done":1}}')).code).toBe(0);
  expect((await findWorker(namespace, name))?.spec).toMatchObject({ added: 1, done: 1, borrowed: 0, state: 'Done' });
});

describe('a client of its own cannot', () => {
  const held = {
    field: 'status.counter',
    says: /must not fall below the outstanding work of the workers: let them finish/,
  };
  const removed = {
    field: 'status.workers',
    says: /status\.workers cannot be removed.*send the values that were read/,
  };

  it('take the counter below the outstanding work of workers, nor remove what was counted of them', async () => {
    const group = await newFoldedGroup('held');
    const { workers, ...rest } = group.status ?? {};
    const done = { ...rest, counter: 0, phase: 'Done', conditions: [], completions: 1, addedAtCompletion: 2 };
    await expectRefusal(replaceStatus(group, { ...done, workers }), held);
    await expectRefusal(replaceStatus(group, rest), removed);
    await expect(replaceStatus(group, { ...rest, counter: 1, workers })).resolves.toHaveProperty('status.counter', 1);
  });
});
