// Workers that end between two steps and are started again, and groups that change between two steps of a worker.
import type { WorkerClient } from '@konductor/client';
import { describe, expect, inject, it } from 'vitest';
import type { Fault, FaultProxy } from './fault-proxy.ts';
import { carryOutAndSend, firstDo, loseResponse, meet, reject, resetBefore, swallow } from './faults.ts';
import { newFoldedGroup, TWIN } from './folded-group.ts';

const access = inject('controlPlane');

type Step = readonly [name: string, plan: (proxy: FaultProxy, kill: () => void) => void];

/** After it, the worker does nothing more, whatever has become of its request. */
const STEPS: readonly Step[] = [
  ['its read of the group', ({ onRead }, kill) => onRead(firstDo(async () => kill()))],
  ['its read of the record', ({ onRecordRead }, kill) => onRecordRead(firstDo(async () => kill()))],
  ['a write that did not arrive', ({ onRecordWrite }, kill) => onRecordWrite(firstDo(async () => kill(), resetBefore))],
  ['a write that did', ({ onRecordWrite }, kill) => onRecordWrite(thenDo(kill))],
];
const OF_ADD: readonly Step[] = [
  ['its list of the group', ({ onList }, kill) => onList(firstDo(async () => kill()))],
  ['its watch of the group', ({ onWatch }, kill) => onWatch(firstDo(async () => kill()))],
];

/** The request does not arrive, but nobody can know that. */
const failBefore = reject(503);
const thenDo =
  (work: () => void): Fault =>
  async (request) => {
    await request.forward();
    work();
    request.reset();
  };

describe.each<[string, readonly Step[], (worker: WorkerClient, signal?: AbortSignal) => Promise<unknown>]>([
  ['an add', [...STEPS, ...OF_ADD], (worker, signal) => worker.add({ signal })],
  ['a start', STEPS, (worker, signal) => worker.start({ signal })],
  ['a done', STEPS, (worker, signal) => worker.done({ signal })],
  ['a failure', STEPS, (worker, signal) => worker.fail({ message: 'disk full' }, { signal })],
])('%s of a worker that is killed and started again', (kind, steps, call) => {
  it('counts once, wherever it was killed', async () => {
    const group = await newFoldedGroup(access, 1);
    const isOfOthers = kind === 'a start';
    for (const [name, plan] of steps) {
      const worker = group.worker(name.replaceAll(' ', '-'));
      const isFinish = kind === 'a done' || kind === 'a failure';
      if (isFinish) await worker.add({ onRecorded: group.fold });
      if (isOfOthers) await group.direct.add('batch');
      const controller = new AbortController();
      plan(group.proxy, () => controller.abort());
      await expect(call(worker, controller.signal), name).rejects.toThrow();
      // The second one finishes what the first one began.
      const again = group.worker(worker.id);
      if (kind === 'an add') await again.add({ onRecorded: group.fold });
      else await call(again);
      if (!isFinish) await again.done();
      expect((await group.record(worker.id))?.spec, name).toMatchObject(
        isOfOthers ? { added: 0, done: 0, borrowed: 1 } : { added: 1, done: 1, borrowed: 0 },
      );
    }
    expect((await group.fold()).status).toMatchObject({ counter: 1, added: 1 + steps.length });
  });
});

it('leaves a record alone that another pod takes over between two steps', async () => {
  const group = await newFoldedGroup(access);
  await group.worker().add({ onRecorded: group.fold });
  const takeOver = () => group.direct.worker('batch', { id: 'w', pod: TWIN }).add({ onRecorded: group.fold });
  group.proxy.onRecordWrite(firstDo(takeOver));
  expect(await group.worker().done()).toMatchObject({ outcome: 'otherPod' });
  expect((await group.record())?.spec).toMatchObject({ added: 1, done: 0, state: 'Active', pod: TWIN });
});

describe('a group that is recreated between two steps of a worker', () => {
  it.each<[string, (worker: WorkerClient) => Promise<unknown>]>([
    ['a done', (worker) => worker.done()],
    ['a start', (worker) => worker.start()],
  ])('is left alone by %s that began before', async (_, call) => {
    const group = await newFoldedGroup(access);
    group.proxy.onRecordRead(firstDo(group.recreate));
    await call(group.worker());
    expect((await group.fold()).status).toMatchObject({ counter: 7, added: 7 });
  });

  it('is left alone by an add, which says so', async () => {
    const group = await newFoldedGroup(access);
    group.proxy.onRecordRead(firstDo(group.recreate));
    await expect(group.worker().add()).rejects.toMatchObject({ absence: 'recreated' });
    expect((await group.fold()).status).toMatchObject({ counter: 7, added: 7 });
  });

  it('is told from the one that the caller means', async () => {
    const group = await newFoldedGroup(access);
    const { uid } = group.identity;
    await group.recreate();
    await expect(group.worker().done({ uid })).rejects.toMatchObject({ absence: 'recreated' });
    await group.direct.delete('batch');
    await expect(group.worker().done({ uid })).rejects.toMatchObject({ absence: 'deleted' });
    await expect(group.worker().done()).rejects.toMatchObject({ absence: 'missing' });
    expect(await group.direct.workers('batch')).toEqual([]);
  });
});

describe('a worker that adds to a group that may not exist', () => {
  const NEW = { spec: { ttl: '1h' } };
  const start = async () => {
    const group = await newFoldedGroup(access);
    await group.direct.delete('batch');
    return { ...group, add: (id = 'w') => group.worker(id).addOrCreate(NEW, { onRecorded: group.fold }) };
  };

  it('creates it, once for many workers', async () => {
    const { add, proxy, fold, direct } = await start();
    proxy.onCreate(...Array(5).fill(meet(5)));
    const added = await Promise.all(['a', 'b', 'c', 'd', 'e'].map(add));
    expect(added.map(({ outcome }) => outcome)).toEqual(Array(5).fill('recorded'));
    expect(await fold()).toMatchObject({ spec: NEW.spec, status: { counter: 5, added: 5 } });
    expect(await direct.workers('batch')).toHaveLength(5);
  });

  it.each<[string, Fault]>([
    ['it arrived, but its response is lost', loseResponse],
    ['it did not arrive', resetBefore],
    ['a proxy responded in its place', carryOutAndSend('<html>')],
  ])('creates it when the first request fails: %s', async (_, fault) => {
    const { add, proxy } = await start();
    proxy.onCreate(fault);
    expect(await add()).toMatchObject({ outcome: 'recorded', group: { status: { counter: 1, added: 1 } } });
  });

  it('counts in the one that exists', async () => {
    const group = await newFoldedGroup(access, 3);
    const added = await group.worker().addOrCreate(NEW, { onRecorded: group.fold });
    expect(added.group).toMatchObject({ spec: { initialCount: 3 }, status: { counter: 4 } });
    expect(group.proxy.requests).not.toContain('POST list');
  });
});

describe('an operation of a worker that cannot end well', () => {
  /** Long enough for the write to be sent. */
  const AFTER_WRITE_MS = 5_000;
  const AT_READ_MS = 500;

  it.each<[string, (proxy: FaultProxy) => void, string, number?]>([
    [
      'no response to its write comes',
      ({ onRecordWrite }) => onRecordWrite(swallow),
      'UnknownOutcomeError',
      AFTER_WRITE_MS,
    ],
    [
      'it is denied after a lost response',
      ({ onRecordWrite }) => onRecordWrite(failBefore, reject(403), reject(403)),
      'UnknownOutcomeError',
    ],
    ['it is denied', ({ onRecordWrite }) => onRecordWrite(reject(403), reject(403)), 'ForbiddenError'],
    ['the record cannot be read', ({ onRecordRead }) => onRecordRead(swallow), 'TimedOutError', AT_READ_MS],
    ['the group cannot be read', ({ onRead }) => onRead(swallow), 'TimedOutError', AT_READ_MS],
    [
      'its write is rejected as one too many',
      ({ onRecordWrite }) => onRecordWrite(reject(429, { 'retry-after': '60' })),
      'UnknownOutcomeError',
      AFTER_WRITE_MS,
    ],
  ])('says what is known when %s', async (_, plan, name, timeoutMs) => {
    const group = await newFoldedGroup(access);
    plan(group.proxy);
    await expect(group.worker().done({ timeoutMs })).rejects.toMatchObject({ name });
  });
});
