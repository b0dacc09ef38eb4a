// Whatever an account with `update` on the status writes, the API server bounds it, and a `set` repairs it.
import { InvalidError } from '@konductor/client';
import {
  applyOperation,
  currentStatus,
  customResourceDefinition,
  deltaTo,
  MAX_COUNTER,
  MAX_TOTAL,
  type WaitGroup,
  waitGroupKind,
} from '@konductor/schema';
import fc from 'fast-check';
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
import { worstStatus } from '../../support/cluster/worst-status.ts';
import { eventually } from '../../support/waiting/eventually.ts';

const controlPlane = inject('controlPlane');
const time = '2026-01-02T03:04:05Z';
const newGroup = async () => create(await createNamespace(controlPlane, 'hostile'), {});
const condition = (type: string, status = 'True') => ({
  ...{ type, status, reason: 'Because', message: '', lastTransitionTime: time },
});

describe('the largest status', () => {
  it('is accepted, and has about 20 KB', async () => {
    const status = worstStatus();
    await expect(replaceStatus(await newGroup(), status, { fieldValidation: 'Strict' })).resolves.toHaveProperty(
      'status',
      status,
    );
    expect(Buffer.byteLength(JSON.stringify(status)) / 1024).toBeLessThan(21);
  });

  it.each<[string, object, string]>([
    ['one more condition', { conditions: Array.from({ length: 9 }, (_, at) => condition(`T${at}`)) }, 'conditions'],
    ['a longer message', { conditions: [{ ...condition('T'), message: 'x'.repeat(257) }] }, 'conditions[0].message'],
    ['a longer reason', { conditions: [{ ...condition('T'), reason: 'x'.repeat(129) }] }, 'conditions[0].reason'],
    ['a reason that is not ASCII', { conditions: [{ ...condition('T'), reason: 'ä' }] }, 'conditions[0].reason'],
    ['a longer type', { conditions: [condition('T'.repeat(64))] }, 'conditions[0].type'],
    [
      'a longer time',
      { conditions: [{ ...condition('T'), lastTransitionTime: `2026-01-02T03:04:05.${'0'.repeat(10)}Z` }] },
      'conditions[0].lastTransitionTime',
    ],
    [
      'a longer client',
      { recentOperations: [{ id: 'a', delta: 1, by: 'x'.repeat(254), at: time }] },
      'recentOperations[0].by',
    ],
    [
      'a client that is not ASCII',
      { recentOperations: [{ id: 'a', delta: 1, by: 'ä', at: time }] },
      'recentOperations[0].by',
    ],
    [
      'a longer operation ID',
      { recentOperations: [{ id: 'x'.repeat(129), delta: 1, by: '', at: time }] },
      'recentOperations[0].id',
    ],
    [
      'a line break in an operation ID',
      { recentOperations: [{ id: 'a\nb', delta: 1, by: '', at: time }] },
      'recentOperations[0].id',
    ],
  ])('has no %s', async (_name, fields, field) => {
    const says = /Too long|Too many|should match|must have at most|may not be more/;
    await expectRefusal(replaceStatus(await newGroup(), { counter: 1, phase: 'Waiting', ...fields }), {
      ...{ field: `status.${field}`, says },
    });
  });
});

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

  it.each([
    ['0', 0, [[1], [-1], [1, -1, 2, -2], [3]]],
    ['5', 5, [[-5], [1, -1], [7, -6]]],
  ])('do not prevent counting from %s', async (_name, counter, batches) => {
    const totals = { added: MAX_TOTAL, completions: MAX_TOTAL - 2, addedAtCompletion: 3 };
    const status = { counter, phase: counter === 0 ? 'Done' : 'Waiting', ...totals };
    const head = { apiVersion: 'konductor.test/v1', kind: 'Counter' };
    const body = { ...head, metadata: { generateName: 'group-' }, status };
    let group = await transport.request<WaitGroup>({ method: 'POST', path: PATH, body });
    for (const deltas of batches) {
      const counted = applyOperation(group, { id: deltas.join(), by: 'test', deltas }, new Date());
      const path = `${PATH}/${group.metadata.name}`;
      group = await transport.request({ method: 'PUT', path, body: { ...group, status: counted.status } });
    }
    expect(group.status).toMatchObject({ added: MAX_TOTAL, addedAtCompletion: MAX_TOTAL });
  });
});

const text = (maxLength: number) => fc.string({ unit: fc.constantFrom('a', '"', '<', ' ', '~'), maxLength });
const timestamp = fc.constantFrom(
  ...['0001-01-01T00:00:00Z', '1970-01-01T00:00:00Z', '9999-12-31T23:59:59.999999999-23:59', time],
);
const total = fc.oneof(fc.nat({ max: 5 }), fc.constantFrom(MAX_COUNTER, 2 * MAX_COUNTER));
const conditions = fc.uniqueArray(
  fc.record({
    type: fc.oneof(fc.constantFrom('Done', 'Failed'), text(63)),
    status: fc.constantFrom('True', 'False', 'Unknown'),
    reason: text(128).map((reason) => `R${reason}`.slice(0, 128)),
    message: fc.string({ unit: 'binary', maxLength: 256 }).filter((message) => message.isWellFormed()),
    lastTransitionTime: timestamp,
  }),
  { selector: ({ type }) => type, maxLength: 8 },
);
const operations = fc.array(
  fc.record({
    id: text(127).map((id) => `${id}!`),
    delta: fc.constantFrom(-MAX_TOTAL, -1, 0, 1, MAX_TOTAL),
    by: text(253),
    at: timestamp,
  }),
  { maxLength: 16 },
);
/** Nearly all of them are accepted: only what contradicts itself is made to fit. */
const hostile = fc
  .record({
    counter: fc.constantFrom(0, 1, 7, MAX_COUNTER),
    totals: fc.tuple(total, total, total).map((totals) => totals.toSorted((a, b) => a - b)),
    completedAt: fc.option(timestamp),
    conditions,
    recentOperations: operations,
    observedGeneration: fc.constantFrom(0, 1, MAX_TOTAL),
  })
  .map(({ totals, completedAt, ...fields }) => ({
    ...fields,
    phase: fields.counter === 0 ? 'Done' : 'Waiting',
    ...{ completions: totals[0], addedAtCompletion: totals[1], added: totals[2] },
    ...(completedAt !== null && fields.counter === 0 && { completedAt }),
    conditions: fields.conditions.map((one) =>
      one.type === 'Done' ? { ...one, status: fields.counter === 0 ? 'True' : 'False' } : one,
    ),
  }));

describe('after any status that the API server accepts', () => {
  const writes = async (group: WaitGroup, delta: number) => {
    const { status } = applyOperation(group, { id: 'repair', by: 'admin', deltas: [delta] }, new Date());
    if (status) await api.updateStatus(group, status, { isDryRun: true });
    return (status ?? currentStatus(group)).counter;
  };

  it('set, add and done are accepted', { timeout: 300_000 }, async () => {
    let accepted = 0;
    const check = async (status: object, target: number) => {
      const group = await replaceStatus(await newGroup(), status).catch((error: unknown) => {
        if (error instanceof InvalidError) return undefined;
        throw error;
      });
      fc.pre(group !== undefined);
      accepted++;
      const { counter } = currentStatus(group);
      expect(await writes(group, deltaTo(group, target))).toBe(target);
      if (counter > 0) expect(await writes(group, -1)).toBe(counter - 1);
      if (counter < MAX_COUNTER) expect(await writes(group, 1)).toBe(counter + 1);
    };
    await fc.assert(fc.asyncProperty(hostile, fc.constantFrom(0, 1, MAX_COUNTER), check), { numRuns: 100, seed: 12 });
    expect(accepted).toBeGreaterThan(90);
  });
});
