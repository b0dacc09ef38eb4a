// What no history of adds, dones and failures can break: each round has one outcome, and it stays.
import {
  applyOperation,
  type CounterOperation,
  type CounterStep,
  currentStatus,
  failRound,
  type WaitGroup,
  type WaitGroupStatus,
} from '@konductor/schema';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildWaitGroup, deepFreeze, NOW } from '../wait-groups.ts';

const failure = fc.record(
  {
    reason: fc.constantFrom('WorkerFailed', 'DiskFull'),
    message: fc.string({ unit: 'binary', maxLength: 1100 }),
    worker: fc.string({ unit: 'binary', maxLength: 300 }),
  },
  { requiredKeys: ['reason', 'message'] },
);
const deltas = fc.array(fc.integer({ min: -4, max: 3 }), { maxLength: 4 });
const call = fc.oneof(
  fc.record({ deltas }),
  fc.record({ deltas: fc.integer({ min: -3, max: 0 }).map((delta) => [delta]), failure }),
);
const history = fc.record({ initialCount: fc.nat({ max: 3 }), calls: fc.array(call, { maxLength: 20 }) });

interface Write {
  readonly before: WaitGroupStatus;
  readonly call: Pick<CounterOperation, 'deltas' | 'failure'>;
  readonly steps: readonly CounterStep[];
  /** Absent if nothing is written. */
  readonly status?: WaitGroupStatus;
  readonly after: WaitGroupStatus;
}

/** Makes the calls one after the other; `started` is what the operator adds to each round. */
function play({ initialCount, calls }: { initialCount: number; calls: readonly Write['call'][] }): Write[] {
  let group: WaitGroup = deepFreeze(buildWaitGroup({ spec: { initialCount } }));
  return calls.map((call, index) => {
    const before = currentStatus(group);
    const counted = applyOperation(group, { id: `op-${index}`, by: 'worker-1', ...call }, NOW);
    const after = counted.status ?? before;
    const at = NOW.toISOString();
    const observed = {
      ...(after.counter === 0 ? { completedAt: at } : { startedAt: at }),
      ...(after.failure && { failedAt: at }),
    };
    group = deepFreeze({ ...group, status: { ...after, ...(counted.status && observed) } });
    return { before, call, after, ...counted };
  });
}

const always = (check: (write: Write, all: readonly Write[]) => void) =>
  fc.assert(
    fc.property(history, (input) => {
      const all = play(input);
      for (const write of all) check(write, all);
    }),
  );

/** The present round, or the last one: it has the same number until the counter leaves zero again. */
const roundOf = ({ completions = 0, counter }: WaitGroupStatus) => completions + (counter > 0 ? 1 : 0);
const isSameRound = ({ before, after }: Write) => roundOf(before) === roundOf(after);
const verdictOf = ({ outcome, failure, failures }: WaitGroupStatus) => ({ outcome, failure, failures });

describe('after any write of any history', () => {
  it('an outcome and its failure stay as they are while the round is the same', () => {
    always((write) => {
      if (isSameRound(write) && write.before.outcome) expect(verdictOf(write.after)).toEqual(verdictOf(write.before));
    });
  });

  it('a round is undecided or failed while work is outstanding, and decided when it ends', () => {
    always(({ after }) => {
      const possible = after.counter > 0 ? [undefined, 'Failed'] : ['Succeeded', 'Failed'];
      expect(roundOf(after) === 0 ? [undefined] : possible).toContain(after.outcome);
    });
  });

  it('a round that began by an add is undecided, with nothing of the round before', () => {
    always(({ before, call, after }) => {
      if (call.failure || before.counter > 0 || after.counter === 0) return;
      for (const field of ['outcome', 'failure', 'startedAt', 'failedAt', 'completedAt'])
        expect(after).not.toHaveProperty(field);
      expect(after.conditions?.map(({ type }) => type)).toEqual(['Done']);
    });
  });

  it('failures is the number of rounds that failed', () => {
    always(({ after }, all) => {
      const until = all.slice(0, all.findIndex((write) => write.after === after) + 1);
      const failed = until.filter((write) => write.call.failure && write.before.outcome === undefined && write.status);
      expect(after.failures ?? 0).toBe(failed.length);
    });
  });

  it('a failure is the first of its round, bounded as the CRD bounds it', () => {
    always(({ before, call, status, after }) => {
      if (!call.failure || !status) return;
      expect(after.outcome).toBe('Failed');
      if (before.outcome) return;
      const { reason, message, worker = '' } = after.failure ?? {};
      expect(reason).toBe(call.failure.reason);
      expect([...(message ?? '')].length).toBeLessThanOrEqual(1024);
      expect(call.failure.message.startsWith((message ?? '').replace(/…$/, ''))).toBe(true);
      expect(worker).toMatch(/^[ -~]{0,253}$/);
    });
  });

  it('the conditions Failed and Stalled are there exactly while the round is failed', () => {
    always(({ after }) => {
      const types = after.conditions?.filter(({ status }) => status === 'True').map(({ type }) => type) ?? [];
      const isFailed = after.outcome === 'Failed';
      expect([types.includes('Failed'), types.includes('Stalled')]).toEqual([isFailed, isFailed]);
    });
  });
});

it('a call that is rejected, and a second failure that finishes nothing, change nothing', () => {
  always(({ before, call, steps, status, after }) => {
    const isLate = call.failure !== undefined && before.outcome !== undefined && Object.is(call.deltas[0], 0);
    if (!isLate && steps.some(({ ok }) => ok)) return;
    expect(status).toBeUndefined();
    expect(after).toEqual(before);
  });
});

it('the operator fails a round as a client does, and never one that is decided', () => {
  always(({ after }) => {
    if (after.counter === 0 && after.outcome === undefined) return;
    const failed = failRound(after, { reason: 'DeadlineExceeded', message: 'Too late.' }, NOW);
    if (after.outcome) return expect(failed).toBe(after);
    const group = buildWaitGroup({ status: after });
    const call = { id: 'op', by: '', deltas: [0], failure: { reason: 'DeadlineExceeded', message: 'Too late.' } };
    const { recentOperations: _, ...told } = applyOperation(group, call, NOW).status ?? after;
    const { recentOperations: __, ...observed } = failed;
    expect(observed).toEqual(told);
  });
});
