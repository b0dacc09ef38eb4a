import { applyOperation, isRecorded, MAX_RECENT_OPERATIONS, type OperationRecord } from '@konductor/schema';
import { describe, expect, it } from 'vitest';
import { buildOperation, buildStatus, buildWaitGroup, deepFreeze, NOW } from '../wait-groups.ts';

const record = (id: string): OperationRecord => ({ id, delta: 1, by: 'worker-0', at: '2026-01-02T03:04:05.000Z' });
const records = (count: number) => Array.from({ length: count }, (_, index) => record(`old-${index}`));

describe('one call', () => {
  it('is written with its record: id, delta, caller, and time to the millisecond', () => {
    const { status } = applyOperation(buildWaitGroup(), buildOperation(3), NOW);
    expect(status?.recentOperations).toEqual([
      { id: 'op-1', delta: 3, by: 'worker-1', at: '2026-01-02T04:00:00.678Z' },
    ]);
  });

  it('is written with a name of its client that the CRD accepts', () => {
    const { status } = applyOperation(buildWaitGroup(), { ...buildOperation(1), by: `größe\n${'x'.repeat(300)}` }, NOW);
    expect(status?.recentOperations?.[0]?.by).toBe(`gr??e?${'x'.repeat(247)}`);
  });

  it('starts from spec.initialCount when nobody has written the status', () => {
    const { status } = applyOperation(buildWaitGroup({ spec: { initialCount: 4 } }), buildOperation(-1), NOW);
    expect(status).toMatchObject({ counter: 3, added: 4, phase: 'Waiting' });
  });

  it('ignores spec.initialCount when there is a status', () => {
    const group = buildWaitGroup({ spec: { initialCount: 4 }, status: buildStatus({ counter: 1, added: 9 }) });
    expect(applyOperation(group, buildOperation(-1), NOW).status).toMatchObject({ counter: 0, added: 9 });
  });

  it.each([
    ['rejected', -1],
    ['zero', 0],
  ])('gives no status to write when it is %s', (_name, delta) => {
    expect(applyOperation(buildWaitGroup(), buildOperation(delta), NOW)).not.toHaveProperty('status');
  });

  it('leaves the group that it was given as it was', () => {
    const group = deepFreeze(
      buildWaitGroup({ status: buildStatus({ counter: 1, added: 1, recentOperations: records(16) }) }),
    );
    expect(() => applyOperation(group, buildOperation(1, -1, -1, -5), NOW)).not.toThrow();
  });
});

describe('the recorded operations', () => {
  it.each([
    [0, 1],
    [15, 16],
    [16, 16],
  ])('grow from %d to %d, newest first', (before, after) => {
    const group = buildWaitGroup({ status: buildStatus({ recentOperations: records(before) }) });
    const ids = applyOperation(group, buildOperation(1), NOW).status?.recentOperations?.map(({ id }) => id);
    const expected = ['op-1', ...records(before).map(({ id }) => id)].slice(0, MAX_RECENT_OPERATIONS);
    expect(ids).toEqual(expected);
    expect(ids).toHaveLength(after);
  });

  it.each([
    ['is', 'old-3', true],
    ['is not', 'old-16', false],
  ])('show that an operation %s among them', (_name, id, expected) => {
    const group = buildWaitGroup({ status: buildStatus({ recentOperations: records(16) }) });
    expect(isRecorded(group, id)).toBe(expected);
  });

  it('hold nothing while there is no status, or no list in it', () => {
    expect(isRecorded(buildWaitGroup(), 'op-1')).toBe(false);
    expect(isRecorded(buildWaitGroup({ status: { counter: 0, phase: 'Done' } }), 'op-1')).toBe(false);
  });
});

describe('a batch', () => {
  const apply = (...deltas: number[]) => applyOperation(buildWaitGroup(), buildOperation(...deltas), NOW);

  it('applies its calls in order: each sees the result of the previous one', () => {
    expect(apply(-1, 1).steps.map(({ ok }) => ok)).toEqual([false, true]);
    expect(apply(1, -1).steps.map(({ ok }) => ok)).toEqual([true, true]);
  });

  it('counts what is accepted and nothing of what is rejected', () => {
    const { status, steps } = apply(2, -3, -1, 0.5, 4);
    expect(steps.map(({ ok }) => ok)).toEqual([true, false, true, false, true]);
    expect(status).toMatchObject({ counter: 5, added: 6, recentOperations: [{ id: 'op-1', delta: 5 }] });
  });

  it('returns to every call the status right after it', () => {
    const counters = apply(2, 1, -1).steps.map((step) => step.ok && step.status.counter);
    expect(counters).toEqual([2, 3, 2]);
  });

  it('is one record, whatever the number of its calls', () => {
    expect(apply(1, 1, 1).status?.recentOperations).toMatchObject([{ id: 'op-1', delta: 3 }]);
  });

  it('counts a fall to zero in its midst as a completion', () => {
    expect(apply(1, -1, 2).status).toMatchObject({ counter: 2, added: 3, completions: 1, addedAtCompletion: 1 });
  });

  it('is written when its calls cancel each other out, because its totals rise', () => {
    expect(apply(1, -1).status).toMatchObject({ counter: 0, added: 1, recentOperations: [{ delta: 0 }] });
  });

  it('gives no status to write when it is empty, or nothing in it counts', () => {
    expect(apply()).toEqual({ steps: [] });
    expect(apply(0, -1)).not.toHaveProperty('status');
  });
});
