// Totals: the API server allows the steps that the counting rule can make, and no others.
import {
  applyOperation,
  type CounterOperation,
  currentStatus,
  customResourceDefinition,
  MAX_TOTAL,
  type WaitGroup,
  waitGroupKind,
} from '@konductor/schema';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { applyObject } from '../../support/cluster/administrator.ts';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import {
  api,
  count,
  create,
  expectRefusal,
  type Refusal,
  replaceStatus,
  transport,
} from '../../support/cluster/raw-requests.ts';
import { eventually } from '../../support/waiting/eventually.ts';

const controlPlane = inject('controlPlane');
const time = '2026-01-02T03:04:05Z';
const newGroup = async () => create(await createNamespace(controlPlane, 'totals'), {});

describe('the API server allows totals only the steps that the counting rule can make', () => {
  const used = { counter: 2, phase: 'Waiting', added: 9, completions: 3, addedAtCompletion: 5 };
  const done = { counter: 0, phase: 'Done', added: 9, completions: 4, addedAtCompletion: 9, completedAt: time };

  it.each<[string, object, object, Refusal]>([
    [
      'added to its maximum',
      used,
      { ...used, added: MAX_TOTAL },
      { field: 'status.added', says: /at most 4294967294/ },
    ],
    [
      'completions to their maximum',
      used,
      { ...used, completions: MAX_TOTAL },
      { field: 'status.completions', says: /no more than the work that was outstanding or added can complete/ },
    ],
    [
      'two completions of what was outstanding',
      used,
      { ...used, completions: 5 },
      { field: 'status.completions', says: /no more than/ },
    ],
    [
      'a completion of nothing',
      { ...used, counter: 0, phase: 'Done' },
      { ...used, counter: 0, phase: 'Done', completions: 4 },
      { field: 'status.completions', says: /no more than/ },
    ],
    [
      'addedAtCompletion above added',
      used,
      { ...used, completions: 4, addedAtCompletion: 10 },
      { field: 'status.addedAtCompletion', says: /value of added when completions last increased/ },
    ],
    [
      'addedAtCompletion without a completion',
      used,
      { ...used, addedAtCompletion: 9 },
      { field: 'status.addedAtCompletion', says: /value of added when completions last increased/ },
    ],
    [
      'addedAtCompletion below what was added before the completion',
      used,
      { ...used, completions: 4, addedAtCompletion: 6 },
      { field: 'status.addedAtCompletion', says: /value of added when completions last increased/ },
    ],
    [
      'completedAt while work is outstanding',
      used,
      { ...used, completedAt: time },
      { field: 'status.completedAt', says: /must be absent while counter is above zero/ },
    ],
    [
      'completedAt of the round before',
      done,
      { ...done, added: 10, completions: 5, addedAtCompletion: 10 },
      { field: 'status.completedAt', says: /that of an earlier completion: remove it/ },
    ],
  ])('not %s', async (_name, before, after, refusal) => {
    await expectRefusal(replaceStatus(await replaceStatus(await newGroup(), before), after), refusal);
  });

  it('a restored status: whatever a group has counted, its recreated one takes over', async () => {
    for (const status of [used, done]) {
      await expect(replaceStatus(await newGroup(), status)).resolves.toHaveProperty('status', status);
    }
  });

  it('several falls to zero in one write, with and without completedAt before', async () => {
    const group = await count(await newGroup(), 1, -1, 2, -2);
    const completed = await api.updateStatus(group, { ...currentStatus(group), completedAt: time });
    const again = await count(completed, 1, -1, 3, -3, 4);
    expect(again.status).toMatchObject({ counter: 4, added: 11, completions: 4, addedAtCompletion: 7 });
    expect((await count(again, -4, 1, -1)).status).not.toHaveProperty('completedAt');
  });
});

describe('totals at their maximum', () => {
  const PATH = '/apis/konductor.test/v1/namespaces/default/counters';

  /** The same rules for a kind without a status subresource, which takes any totals when it is created. */
  beforeAll(async () => {
    const { spec, ...crd } = customResourceDefinition(waitGroupKind);
    const versions = spec.versions.map(({ subresources: _, ...version }) => version);
    const names = { kind: 'Counter', plural: 'counters', singular: 'counter', listKind: 'CounterList' };
    const resource = { apiVersion: 'apiextensions.k8s.io/v1', resource: 'customresourcedefinitions' };
    const name = 'counters.konductor.test';
    const copy = { ...crd, spec: { ...spec, group: 'konductor.test', names, versions } };
    await applyObject(controlPlane, { ...resource, name }, { kind: 'CustomResourceDefinition', spec: copy.spec });
    const isServed = () =>
      transport.request({ method: 'GET', path: PATH }).then(
        () => true,
        () => false,
      );
    await eventually('the kind being served', isServed);
  });

  const failure = { reason: 'DiskFull', message: 'full' };
  it.each([
    ['0', 0, [[1], [-1], [1, -1, 2, -2], [3]]],
    ['5', 5, [[-5], [1, -1], [7, -6]]],
    ['a failed 2', 2, [[-1], [-1, 1], [1, -1, -1]]],
  ])('do not prevent counting and failing from %s', async (name, counter, batches) => {
    const totals = { added: MAX_TOTAL, completions: MAX_TOTAL - 2, addedAtCompletion: 3, failures: MAX_TOTAL - 2 };
    const failed = name.startsWith('a failed') && { outcome: 'Failed', failure: { ...failure, at: time } };
    const status = { counter, phase: counter === 0 ? 'Done' : 'Waiting', ...totals, ...failed };
    const head = { apiVersion: 'konductor.test/v1', kind: 'Counter' };
    const body = { ...head, metadata: { generateName: 'group-' }, status };
    let group = await transport.request<WaitGroup>({ method: 'POST', path: PATH, body });
    const write = async (call: Pick<CounterOperation, 'deltas' | 'failure'>) => {
      const { status } = applyOperation(group, { id: call.deltas.join(), by: 'test', ...call }, new Date());
      const path = `${PATH}/${group.metadata.name}`;
      group = await transport.request({ method: 'PUT', path, body: { ...group, status } });
    };
    for (const deltas of batches) await write({ deltas });
    for (let round = 0; round < 3; round++) {
      if (currentStatus(group).counter === 0) await write({ deltas: [2] });
      for (const delta of [0, -1]) await write({ deltas: [delta], failure });
      await write({ deltas: [-currentStatus(group).counter, 2] });
    }
    expect(group.status).toMatchObject({ added: MAX_TOTAL, addedAtCompletion: MAX_TOTAL, failures: MAX_TOTAL });
  });
});
