import {
  applyDelta,
  applyOperation,
  type CounterRejection,
  MAX_COUNTER,
  MAX_TOTAL,
  type WaitGroupStatus,
} from '@konductor/schema';
import { describe, expect, it } from 'vitest';
import { buildOperation, buildStatus, buildWaitGroup, deepFreeze, NOW } from '../wait-groups.ts';
import { buildWorkers } from '../workers.ts';

type Fields = Partial<WaitGroupStatus>;
const step = (fields: Fields, delta: number) => applyDelta(deepFreeze(buildStatus(fields)), delta, NOW);
const apply = (fields: Fields, delta: number): WaitGroupStatus => {
  const applied = step(fields, delta);
  if (!applied.ok) throw new Error(`rejected: ${applied.rejection.reason}`);
  return applied.status;
};
const doneCondition = ({ conditions }: WaitGroupStatus) => conditions?.find(({ type }) => type === 'Done');

describe('an accepted call', () => {
  it.each<[Fields, number, Fields]>([
    [{ counter: 0, added: 0 }, 1, { counter: 1, added: 1, phase: 'Waiting' }],
    [{ counter: 0, added: 0 }, 10, { counter: 10, added: 10, phase: 'Waiting' }],
    [{ counter: 2, added: 5 }, 3, { counter: 5, added: 8, phase: 'Waiting' }],
    [{ counter: 2, added: 5 }, -1, { counter: 1, added: 5, phase: 'Waiting', completions: 0 }],
    [{ counter: 1, added: 5 }, -1, { counter: 0, added: 5, phase: 'Done', completions: 1, addedAtCompletion: 5 }],
    [{ counter: 3, added: 5 }, -3, { counter: 0, added: 5, phase: 'Done', completions: 1, addedAtCompletion: 5 }],
    [
      { counter: 1, added: 9, completions: 2, addedAtCompletion: 8 },
      -1,
      { counter: 0, added: 9, completions: 3, addedAtCompletion: 9 },
    ],
    [
      { counter: 0, added: 9, completions: 3, addedAtCompletion: 9 },
      1,
      { counter: 1, added: 10, completions: 3, addedAtCompletion: 9 },
    ],
    [{ counter: MAX_COUNTER - 1, added: 5 }, 1, { counter: MAX_COUNTER }],
    [{ counter: 0, added: 0 }, MAX_COUNTER, { counter: MAX_COUNTER, added: MAX_COUNTER }],
    [{ counter: MAX_COUNTER, added: 5 }, -MAX_COUNTER, { counter: 0, phase: 'Done' }],
    [{ counter: 0, added: MAX_TOTAL - 1 }, 1, { counter: 1, added: MAX_TOTAL }],
    [{ counter: 1, added: MAX_TOTAL }, -1, { counter: 0, added: MAX_TOTAL, addedAtCompletion: MAX_TOTAL }],
    [{ counter: 1, added: 1, completions: MAX_TOTAL - 1 }, -1, { completions: MAX_TOTAL }],
    [{ counter: 0, added: MAX_TOTAL }, 1, { counter: 1, added: MAX_TOTAL }],
    [
      { counter: 1, added: 1, completions: MAX_TOTAL },
      -1,
      { counter: 0, completions: MAX_TOTAL, addedAtCompletion: 1 },
    ],
  ])('takes %j by %d to %j', (before, delta, after) => {
    expect(apply(before, delta)).toMatchObject(after);
  });

  it.each<[string, Fields, number, object]>([
    ['Outstanding', { counter: 0, added: 0 }, 1, { status: 'False', reason: 'Outstanding' }],
    ['Completed', { counter: 1, added: 1 }, -1, { status: 'True', reason: 'Completed' }],
  ])('sets the Done condition to %s with the time of the change', (_reason, before, delta, condition) => {
    const lastTransitionTime = '2026-01-02T04:00:00Z';
    expect(doneCondition(apply(before, delta))).toMatchObject({ ...condition, lastTransitionTime });
  });

  it('keeps the time of the Done condition while its status stays', () => {
    const before = buildStatus({ counter: 2, added: 2 });
    expect(doneCondition(apply(before, 1))).toEqual(doneCondition(before));
  });

  it('removes completedAt when the counter is lifted off zero', () => {
    const completed = { counter: 0, added: 1, completions: 1, completedAt: '2026-01-02T03:30:00.000Z' };
    expect(apply(completed, 1)).not.toHaveProperty('completedAt');
  });

  it('changes nothing at all when it adds zero, as in Go', () => {
    const before = buildStatus({ counter: 0, added: 1, completions: 1, completedAt: '2026-01-02T03:30:00.000Z' });
    expect(apply(before, 0)).toEqual(before);
    expect(apply(before, -0)).toEqual(before);
  });

  it('keeps what is counted of workers, and may reach exactly what they have outstanding', () => {
    const workers = buildWorkers({ added: 5, finished: 3 });
    expect(apply({ counter: 4, added: 9, workers }, -2)).toMatchObject({ counter: 2, completions: 0, workers });
  });

  it('passes fields through that it does not know', () => {
    const before = { ...buildStatus(), future: { active: 3 } };
    expect(apply(before, 1)).toMatchObject({ future: { active: 3 } });
  });

  it('counts from a status of counter and phase alone, as kubectl users write it', () => {
    const after = applyDelta({ counter: 3, phase: 'Waiting' }, -2, NOW);
    expect(after).toMatchObject({ ok: true, status: { counter: 1, phase: 'Waiting' } });
  });

  it('completes what was counted by hand: a fall to zero is never taken for NeverUsed', () => {
    const after = applyDelta({ counter: 3, phase: 'Waiting' }, -3, NOW);
    expect(after).toMatchObject({ ok: true, status: { counter: 0, completions: 1 } });
    expect(after.ok && doneCondition(after.status)).toMatchObject({ status: 'True', reason: 'Completed' });
  });
});

describe('a rejected call', () => {
  it.each<[Fields, number, CounterRejection]>([
    [{ counter: 0 }, -1, { reason: 'BelowZero', counter: 0, delta: -1 }],
    [{ counter: 2, added: 2 }, -3, { reason: 'BelowZero', counter: 2, delta: -3 }],
    [{ counter: MAX_COUNTER, added: 1 }, 1, { reason: 'AboveMaximum', counter: MAX_COUNTER, delta: 1 }],
    [{ counter: 0 }, MAX_COUNTER + 1, { reason: 'AboveMaximum', counter: 0, delta: MAX_COUNTER + 1 }],
    [{ counter: 0 }, MAX_TOTAL, { reason: 'AboveMaximum', counter: 0, delta: MAX_TOTAL }],
    [{ counter: 0 }, -MAX_TOTAL, { reason: 'BelowZero', counter: 0, delta: -MAX_TOTAL }],
    [{ counter: 5 }, 1.5, { reason: 'NotAnInteger', delta: 1.5 }],
    [{ counter: 5 }, Number.NaN, { reason: 'NotAnInteger', delta: Number.NaN }],
    [{ counter: 5 }, Number.POSITIVE_INFINITY, { reason: 'NotAnInteger', delta: Number.POSITIVE_INFINITY }],
    [{ counter: 5 }, Number.NEGATIVE_INFINITY, { reason: 'NotAnInteger', delta: Number.NEGATIVE_INFINITY }],
    [{ counter: 5 }, MAX_TOTAL + 1, { reason: 'NotAnInteger', delta: MAX_TOTAL + 1 }],
  ])('on %j by %d says %j', (before, delta, rejection) => {
    expect(step(before, delta)).toEqual({ ok: false, rejection });
  });

  it.each<[number, number, CounterRejection | undefined]>([
    [4, -3, { reason: 'HeldByWorkers', counter: 4, delta: -3, workers: 2 }],
    [4, -4, { reason: 'HeldByWorkers', counter: 4, delta: -4, workers: 2 }],
    [4, -5, { reason: 'BelowZero', counter: 4, delta: -5 }],
    [2, -1, { reason: 'HeldByWorkers', counter: 2, delta: -1, workers: 2 }],
    [1, 0, undefined],
    [1, 1, undefined],
  ])('of a counter of %d by %d, of which workers have 2 outstanding, says %j', (counter, delta, rejection) => {
    const workers = buildWorkers({ added: 5, finished: 3 });
    expect(step({ counter, added: 9, workers }, delta)).toMatchObject(
      rejection ? { ok: false, rejection } : { ok: true },
    );
  });

  it.each([
    ['done', [-1]],
    ['set', [-4]],
    ['fail', [-1]],
  ])('of %s changes nothing while workers hold the counter, nor does its failure', (name, deltas) => {
    const workers = buildWorkers({ added: 4 });
    const group = buildWaitGroup({ status: buildStatus({ counter: 4, added: 4, workers }) });
    const failure = name === 'fail' ? { failure: { reason: 'DiskFull', message: 'full' } } : {};
    const { status, steps } = applyOperation(group, { ...buildOperation(...deltas), ...failure }, NOW);
    expect(status).toBeUndefined();
    expect(steps).toMatchObject([{ ok: false, rejection: { reason: 'HeldByWorkers', workers: 4 } }]);
  });
});
