// Every cell of the table of a worker's operations, on the real API server: as it is, repeated, with its request disturbed, and raced
// by another pod of the same worker.
import type { WorkerClient, WorkerCounted } from '@konductor/client';
import { applyWorkerOperation, type WaitGroupWorker, type WorkerOperation } from '@konductor/schema';
import { describe, expect, inject, it } from 'vitest';
import { operate } from '../support/cluster/worker-records.ts';
import type { Fault } from './fault-proxy.ts';
import { carryOutAndRespond, carryOutAndSend, loseResponse, reject, resetBefore, sendTwice } from './faults.ts';
import { newFoldedGroup, POD, type Pod, TWIN } from './folded-group.ts';
import { isRecordWrite } from './request-kinds.ts';

const access = inject('controlPlane');

type Kind = WorkerOperation['kind'];
type Group = Awaited<ReturnType<typeof newFoldedGroup>>;
/** What the record holds after the operation, or why it is as it was. */
type Expected = string;

const KINDS: readonly Kind[] = ['add', 'start', 'done', 'fail', 'release', 'note'];
const ACTIVE = ['repeated', 'repeated', '1/1/0 Done', '1/1/0 Failed', '1/1/0 Lost', '1/0/0 Active'];
const finished = (tally: string) => [`${tally} Active`, ...Array<Expected>(5).fill('repeated')];

const LOST = 'the connection breaks after it';
const OTHER_FAULTS: readonly (readonly [string, Fault])[] = [
  ['the connection breaks before it', resetBefore],
  ['a proxy sends it twice', sendTwice],
  ['a proxy responds 409 for it', carryOutAndRespond(409)],
  ['a proxy responds 503 for it', carryOutAndRespond(503)],
  ['a proxy responds 429 before it', reject(429)],
  ['a proxy responds with a page for it', carryOutAndSend('<html>')],
];

/** Before it: what the worker's pod did, or after a ! another pod of it. Expected: added/done/borrowed, and the state. */
const TABLE: readonly (readonly [before: string, ...expected: Expected[]])[] = [
  ['', '1/0/0 Active', '0/0/0 Active', '0/0/1 Done', '0/0/1 Failed', 'noRecord', 'noRecord'],
  ['add', ...ACTIVE],
  ['!add', '1/0/0 Active', '1/0/0 Active', 'otherPod', 'otherPod', '1/1/0 Lost', 'otherPod'],
  ['start', 'repeated', 'repeated', '0/0/1 Done', '0/0/1 Failed', '0/0/1 Lost', '0/0/0 Active'],
  ['!start', '0/0/0 Active', '0/0/0 Active', 'otherPod', 'otherPod', '0/0/1 Lost', 'otherPod'],
  ['add done', ...finished('2/1/0')],
  ['add fail', ...finished('2/1/0')],
  ['add release', ...finished('2/1/0')],
  ['!add !done', ...finished('2/1/0')],
  ['done', ...finished('1/0/1')],
  ['fail', ...finished('1/0/1')],
  ['start release', ...finished('1/0/1')],
];

/** What differs in a later round than that of the record. */
const LATER: Readonly<Record<string, Partial<Record<Kind, Expected>>>> = {
  ...Object.fromEntries(
    ['add done', 'add fail', 'add release', '!add !done'].map((own) => [own, { start: '1/1/0 Active' }]),
  ),
  ...Object.fromEntries(
    ['done', 'fail', 'start release'].map((borrowed) => [
      borrowed,
      { start: '0/0/1 Active', done: '0/0/2 Done', fail: '0/0/2 Failed' },
    ]),
  ),
};

interface Cell {
  readonly before: string;
  readonly kind: Kind;
  readonly expected: Expected;
}

const CELLS: readonly Cell[] = TABLE.flatMap(([before, ...expected]) =>
  KINDS.map((kind, index) => ({ before, kind, expected: expected[index] ?? '' })),
);
const LATER_CELLS: readonly Cell[] = Object.entries(LATER).flatMap(([before, expected]) =>
  Object.entries(expected).map(([kind, expected]) => ({ before, kind: kind as Kind, expected })),
);
const isWrite = ({ expected }: Cell) => expected.includes('/');

interface Round {
  readonly isLater: boolean;
  readonly cells: readonly Cell[];
}

/** A worker for each cell, whose record is as the cell says. So much work is outstanding that no round ends meanwhile. */
async function newTable({ isLater, cells }: Round) {
  const group = await newFoldedGroup(access);
  const prepare = async ({ before }: Cell, worker: string) => {
    for (const [, other, kind] of before.matchAll(/(!?)(\w+)/g))
      await operate(group.identity, kind as Kind, worker, { pod: other ? TWIN : POD });
  };
  const prepared = cells.map((cell, index) => ({ ...cell, worker: `w${index}` }));
  await Promise.all(prepared.map((cell) => prepare(cell, cell.worker)));
  if (isLater) {
    await group.direct.add('batch');
    await group.direct.done('batch');
  }
  await group.direct.add('batch', 10_000);
  return { group, cells: prepared };
}

function call(worker: WorkerClient, kind: Kind, { fold }: Group): Promise<WorkerCounted> {
  switch (kind) {
    case 'add':
      return worker.add({ onRecorded: fold });
    case 'fail':
      return worker.fail({ message: 'disk full', reason: 'DiskFull' });
    case 'note':
      return worker.note('exited with 3');
    default:
      return worker[kind]();
  }
}

const tallyOf = (record: Pick<WaitGroupWorker, 'spec'> | undefined) => {
  const { added, done, borrowed, state } = record?.spec ?? {};
  return record && `${added}/${done}/${borrowed} ${state}`;
};

describe.each<[string, Round]>([
  ['the round of the record', { isLater: false, cells: CELLS }],
  ['a later round', { isLater: true, cells: LATER_CELLS }],
])('in %s', (_, round) => {
  it('changes the record as the table says, and repeated, not again', async () => {
    const { group, cells } = await newTable(round);
    const check = async ({ worker: id, before, kind, expected }: (typeof cells)[number]) => {
      const worker = group.worker(id);
      const { outcome, record } = await call(worker, kind, group);
      const stored = await group.record(id);
      const repeated = await call(worker, kind, group);
      const seen = {
        first: outcome === 'recorded' ? tallyOf(stored) : outcome,
        isStored: record?.metadata.resourceVersion === stored?.metadata.resourceVersion,
        again: repeated.outcome,
        after: tallyOf(repeated.record),
      };
      const again = expected.includes('/') ? (kind === 'note' ? 'recorded' : 'repeated') : expected;
      const what = `${kind} after "${before}"`;
      expect(seen, what).toEqual({ first: expected, isStored: true, again, after: tallyOf(stored) });
    };
    await Promise.all(cells.map(check));
  });

  it('changes the record once, whatever happens to the first request that changes it', async () => {
    const written = round.cells.filter(isWrite);
    // Each cell meets one of the other faults, too.
    const others = written.map((cell, index) => ({ ...cell, fault: OTHER_FAULTS[index % OTHER_FAULTS.length]?.[0] }));
    const all = [...written.map((cell) => ({ ...cell, fault: LOST })), ...others];
    const { group, cells } = await newTable({ ...round, cells: all });
    const faults = new Map([[LOST, loseResponse], ...OTHER_FAULTS]);
    const disturbed = new Set<string>();
    group.proxy.otherwise((request) => {
      if (!isRecordWrite(request)) return undefined;
      const { operation, worker } = JSON.parse(request.body).spec;
      if (disturbed.has(operation)) return undefined;
      disturbed.add(operation);
      return faults.get(all[Number(worker.slice(1))]?.fault ?? '');
    });
    const check = async ({ worker, before, kind, expected }: (typeof cells)[number], index: number) => {
      const { outcome, record } = await call(group.worker(worker), kind, group);
      const what = `${kind} after "${before}" when ${all[index]?.fault}`;
      expect([outcome, tallyOf(record)], what).toEqual(['recorded', expected]);
      expect(record, what).toEqual(await group.record(worker));
    };
    await Promise.all(cells.map(check));
    expect(disturbed.size).toBe(cells.length);
  });

  it('changes the record as if one came after the other when two pods of a worker do it at once', async () => {
    const { group, cells } = await newTable(round);
    const check = async ({ worker, before, kind }: (typeof cells)[number]) => {
      const start = await group.record(worker);
      await Promise.all([POD, TWIN].map((pod) => call(group.worker(worker, pod), kind, group)));
      const inTurn = [
        [POD, TWIN],
        [TWIN, POD],
      ].map((pods) => pods.reduce(applied(kind, worker, Number(round.isLater)), start));
      expect(inTurn.map(tallyOf), `${kind} after "${before}"`).toContain(tallyOf(await group.record(worker)));
    };
    await Promise.all(cells.map(check));
  });
});

type Stored = Pick<WaitGroupWorker, 'spec'> | undefined;

function applied(kind: Kind, worker: string, round: number) {
  return (record: Stored, pod: Pod): Stored => {
    const operation = { kind, id: pod.uid, worker, round, ...(kind !== 'release' && { pod }) };
    const step = applyWorkerOperation(record, { name: 'batch', uid: '' }, operation);
    return step.kind === 'write' ? step : record;
  };
}
