// Records of workers: the API server allows the steps that the table can make, and no others, from every client.
import type { WaitGroupWorker } from '@konductor/schema';
import { describe, expect, inject, it } from 'vitest';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import { expectRefusal, type Refusal, transport } from '../../support/cluster/raw-requests.ts';
import { workersPath } from '../../support/cluster/worker-records.ts';

const namespace = await createNamespace(inject('controlPlane'), 'worker-guards');
const HEAD = { apiVersion: 'konductor.io/v1', kind: 'WaitGroupWorker' };
const UID = '01234567-89ab-cdef-0123-456789abcdef';

type Fields = Readonly<Record<string, unknown>>;
type Tally = readonly [added: number, done: number, borrowed: number, state: string];

let workers = 0;
const tallied = ([added, done, borrowed, state]: Tally) => ({ added, done, borrowed, state });

function create(fields: Fields, name?: string, query = {}): Promise<WaitGroupWorker> {
  const spec = { waitGroup: 'batch', waitGroupUid: UID, worker: `w${workers++}`, ...fields };
  const metadata = { name: name ?? `${spec.waitGroup}.${spec.worker}.01234567` };
  return transport.request({ method: 'POST', path: workersPath(namespace), query, body: { ...HEAD, metadata, spec } });
}

function replace({ metadata, spec }: WaitGroupWorker, fields: Fields): Promise<WaitGroupWorker> {
  const body = { ...HEAD, metadata, spec: { ...spec, ...fields } };
  return transport.request({ method: 'PUT', path: workersPath(namespace, metadata.name), body });
}

/** A record with this tally, after the steps that lead there. */
async function createWith([added, done, borrowed, state]: Tally): Promise<WaitGroupWorker> {
  const next = (spec: WaitGroupWorker['spec']): Tally => {
    if (spec.borrowed < borrowed) return [spec.added, spec.done, spec.borrowed + 1, 'Done'];
    if (spec.added > spec.done) return [spec.added, spec.done + 1, spec.borrowed, 'Done'];
    return [spec.added + 1, spec.done, spec.borrowed, 'Active'];
  };
  let record = await create(tallied(borrowed > 0 ? [0, 0, 1, 'Done'] : [Math.min(added, 1), 0, 0, 'Active']));
  const isThere = ({ spec }: WaitGroupWorker) =>
    spec.added === added && spec.done === done && spec.borrowed === borrowed;
  while (!isThere(record)) record = await replace(record, tallied(next(record.spec)));
  return record.spec.state === state ? record : replace(record, { state });
}

const NAME = {
  field: 'metadata',
  says: /must be WAITGROUP\.WORKER\.UID: spec\.waitGroup, spec\.worker and the first 8/,
};
const ONE = { field: 'spec', says: /one write can count only one unit of work: increase one of/ };
const DECREASE = { field: 'spec', says: /must not decrease: send the values that were read/ };
const BALANCE = { field: 'spec.added', says: /must equal spec\.done, or be larger by 1 while the work is outstanding/ };
const OUTSTANDING = {
  field: 'spec.state',
  says: /must be Active while spec\.done is below spec\.added: increase spec\.done/,
};
const LEAVE = { field: 'spec.state', says: /must leave Active in the write that counts the finished work/ };
const ENTER = { field: 'spec.state', says: /must become Active in a write that finishes nothing/ };

describe('a new record is accepted as', () => {
  it.each<[string, Tally]>([
    ['an add', [1, 0, 0, 'Active']],
    ['work that another process added', [0, 0, 0, 'Active']],
    ['a done of work of others', [0, 0, 1, 'Done']],
    ['a failure of work of others', [0, 0, 1, 'Failed']],
  ])('%s: %j', async (_name, tally) => {
    const { spec } = await create({ ...tallied(tally), round: 3 }, undefined, { fieldValidation: 'Strict' });
    expect(spec).toMatchObject({ ...tallied(tally), round: 3 });
  });

  it('one of kubectl: a tally that is not sent is zero', async () => {
    const { spec } = await create({ added: 1, state: 'Active' });
    expect(spec).toMatchObject({ added: 1, done: 0, borrowed: 0, round: 0 });
  });

  it('one with the longest names', async () => {
    const label = 'x'.repeat(63);
    const { metadata } = await create({ waitGroup: label, worker: label, added: 1, state: 'Active' });
    expect(metadata.name).toHaveLength(136);
  });
});

describe('a new record is rejected', () => {
  it.each<[Tally, Refusal]>([
    [[2, 0, 0, 'Active'], ONE],
    [[1, 1, 0, 'Done'], ONE],
    [[2, 1, 0, 'Active'], ONE],
    [[1, 0, 1, 'Active'], ONE],
    [[0, 0, 2, 'Done'], ONE],
    [[0, 1, 0, 'Done'], BALANCE],
    [[1, 0, 0, 'Done'], OUTSTANDING],
    [[0, 0, 0, 'Done'], LEAVE],
    [[0, 0, 0, 'Lost'], LEAVE],
    [[0, 0, 1, 'Active'], LEAVE],
  ])('with the tally %j', async (tally, refusal) => {
    await expectRefusal(create(tallied(tally)), refusal);
  });

  const work = { added: 1, state: 'Active' };
  const required = { says: /Required value/ };
  it.each<[string, Fields, Refusal]>([
    ['without a state', { added: 1 }, { field: 'spec.state', ...required }],
    ['without a worker', { ...work, worker: undefined }, { field: 'spec.worker', ...required }],
    ['without a uid', { ...work, waitGroupUid: undefined }, { field: 'spec.waitGroupUid', ...required }],
    ['with a short uid', { ...work, waitGroupUid: '0123456' }, { field: 'spec.waitGroupUid', says: /at least 8 char/ }],
    ['with a worker that is no label', { ...work, worker: 'a.b' }, { field: 'spec.worker', says: /should match/ }],
    ['with a group that is no label', { ...work, waitGroup: 'a.b' }, { field: 'spec.waitGroup', says: /should match/ }],
    ['in a state of its own', { ...work, state: 'Idle' }, { field: 'spec.state', says: /supported values: "Active"/ }],
    [
      'with a negative tally',
      { ...work, borrowed: -1 },
      { field: 'spec.borrowed', says: /greater than or equal to 0/ },
    ],
    [
      'of a pod and a Job',
      { ...work, pod: { name: 'a', uid: 'u' }, job: { name: 'a', uid: 'u' } },
      { field: 'spec.job', says: /exclude each other/ },
    ],
    ['with a pod without a uid', { ...work, pod: { name: 'a' } }, { field: 'spec.pod.uid', ...required }],
    [
      'with a pod that is a path',
      { ...work, pod: { name: '../../x', uid: 'u' } },
      { field: 'spec.pod.name', says: /should match/ },
    ],
    [
      'with a long operation',
      { ...work, operation: 'x'.repeat(129) },
      { field: 'spec.operation', says: /more than 128/ },
    ],
    ['with a long message', { ...work, message: 'x'.repeat(1025) }, { field: 'spec.message', says: /more than 1024/ }],
    ['with a reason of two words', { ...work, reason: 'a b' }, { field: 'spec.reason', says: /should match/ }],
  ])('%s', async (_name, fields, refusal) => {
    await expectRefusal(create(fields), refusal);
  });

  it.each([['batch.x.01234567'], ['other.w.01234567'], ['batch.w.01234568'], ['batch.w'], ['w']])(
    'named %s, which its identity does not make',
    async (name) => {
      await expectRefusal(create({ worker: 'w', added: 1, state: 'Active' }, name), NAME);
    },
  );

  it('without a spec', async () => {
    const request = transport.request({
      method: 'POST',
      path: workersPath(namespace),
      body: { ...HEAD, metadata: { name: 'a.b.01234567' } },
    });
    await expectRefusal(request, { field: 'spec', ...required });
  });
});

describe('a change is accepted', () => {
  it.each<[string, Tally, Tally]>([
    ['done of its own work', [2, 1, 0, 'Active'], [2, 2, 0, 'Done']],
    ['fail of its own work', [1, 0, 0, 'Active'], [1, 1, 0, 'Failed']],
    ['release of its own work', [1, 0, 0, 'Active'], [1, 1, 0, 'Lost']],
    ['done of work of others', [0, 0, 0, 'Active'], [0, 0, 1, 'Done']],
    ['release of work of others', [0, 0, 1, 'Active'], [0, 0, 2, 'Lost']],
    ['add', [1, 1, 0, 'Done'], [2, 1, 0, 'Active']],
    ['add after a loss', [1, 1, 0, 'Lost'], [2, 1, 0, 'Active']],
    ['start', [0, 0, 1, 'Done'], [0, 0, 1, 'Active']],
    ['done in a later round', [0, 0, 1, 'Done'], [0, 0, 2, 'Failed']],
    ['a note', [1, 0, 0, 'Active'], [1, 0, 0, 'Active']],
  ])('%s: from %j to %j', async (_name, before, after) => {
    const pod = { name: 'pod-b', uid: 'uid-b' };
    const changed = { ...tallied(after), pod, operation: 'op', message: 'm', reason: 'R', round: 1 };
    const { spec } = await replace(await createWith(before), changed);
    expect(spec).toMatchObject(changed);
  });
});

describe('a change is rejected', () => {
  it.each<[string, Tally, Tally, Refusal]>([
    ['a leap of added', [1, 1, 0, 'Done'], [3, 2, 0, 'Active'], ONE],
    ['a leap of borrowed', [0, 0, 1, 'Done'], [0, 0, 3, 'Done'], ONE],
    ['an add and a done', [1, 1, 0, 'Done'], [2, 2, 0, 'Done'], ONE],
    ['own work and work of others', [1, 0, 0, 'Active'], [1, 1, 1, 'Done'], ONE],
    ['a second add', [1, 0, 0, 'Active'], [2, 0, 0, 'Active'], BALANCE],
    ['a fall of added and done', [2, 2, 0, 'Done'], [1, 1, 0, 'Done'], DECREASE],
    ['a fall of done', [1, 1, 0, 'Done'], [1, 0, 0, 'Active'], DECREASE],
    ['a fall of borrowed', [0, 0, 1, 'Done'], [0, 0, 0, 'Active'], DECREASE],
    ['an end without a done', [1, 0, 0, 'Active'], [1, 0, 0, 'Done'], OUTSTANDING],
    ['an end of work of others without a done', [0, 0, 0, 'Active'], [0, 0, 0, 'Done'], LEAVE],
    ['a done that remains Active', [1, 0, 0, 'Active'], [1, 1, 0, 'Active'], LEAVE],
    ['work of others in place of its own', [1, 0, 0, 'Active'], [1, 0, 1, 'Done'], OUTSTANDING],
    ['a start that finishes', [0, 0, 1, 'Done'], [0, 0, 2, 'Active'], ENTER],
    ['an add that is not Active', [1, 1, 0, 'Done'], [2, 1, 0, 'Done'], ENTER],
  ])('%s: from %j to %j', async (_name, before, after, refusal) => {
    await expectRefusal(replace(await createWith(before), tallied(after)), refusal);
  });

  it.each([
    ['waitGroup', 'other'],
    ['waitGroupUid', '01234567-other'],
    ['worker', 'other'],
  ])('another %s', async (field, value) => {
    const says = /is immutable: create another WaitGroupWorker instead/;
    await expectRefusal(replace(await createWith([1, 0, 0, 'Active']), { [field]: value }), {
      field: `spec.${field}`,
      says,
    });
  });

  it('a tally that is removed, which makes it zero', async () => {
    await expectRefusal(replace(await createWith([0, 0, 1, 'Done']), { borrowed: undefined }), DECREASE);
  });
});
