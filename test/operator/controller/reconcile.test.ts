import { type Decision, reconcile } from '@konductor/operator';
import { failRound, initialStatus, type WaitGroup, type WaitGroupStatus } from '@konductor/schema';
import { describe, expect, it } from 'vitest';
import { buildStatus, buildWaitGroup, deepFreeze, NOW, type WaitGroupParts } from '../../schema/wait-groups.ts';

const COMPLETED_AT = '2026-01-02T03:59:00.000Z';
const waiting = buildStatus({ counter: 2, added: 2, observedGeneration: 1 });
const neverUsed = buildStatus({ observedGeneration: 1 });
const totals = { counter: 0, added: 3, completions: 1, addedAtCompletion: 3 };
const fallen = buildStatus({ ...totals, outcome: 'Succeeded', observedGeneration: 1 });
const completed = { ...fallen, completedAt: COMPLETED_AT };
const completedEvent = { type: 'Normal', reason: 'Completed', message: 'All 3 completed' };

const decide = (parts: WaitGroupParts | WaitGroup): Decision =>
  reconcile(deepFreeze('kind' in parts ? parts : buildWaitGroup(parts)), { time: NOW });
const written = (parts: WaitGroupParts): WaitGroupStatus => {
  const decision = decide(parts);
  if (decision.kind !== 'write') throw new Error(`the decision is ${decision.kind}`);
  return decision.status;
};

describe('a new WaitGroup', () => {
  it.each([
    ['without a spec', {}],
    ['with a ttl', { ttl: '0s' }],
    ['with an initial count', { initialCount: 3 }],
  ])('%s gets the status that a client would write, and observedGeneration', (_name, spec) => {
    const status = { ...initialStatus(buildWaitGroup({ spec })), observedGeneration: 1 };
    expect(decide({ spec })).toEqual({ kind: 'write', status, events: [] });
  });
});

describe('nothing is done', () => {
  it.each<[string, WaitGroupParts]>([
    ['while work is outstanding', { status: waiting }],
    ['while work is outstanding, with a ttl', { status: waiting, spec: { ttl: '0s' } }],
    ['about a WaitGroup that was never used', { status: neverUsed }],
    ['about a WaitGroup that was never used, with a ttl', { status: neverUsed, spec: { ttl: '0s' } }],
    ['after the completion, without a ttl', { status: completed }],
    ['after the completion, with an invalid ttl', { status: completed, spec: { ttl: 'soon' } }],
  ])('%s', (_when, parts) => {
    expect(decide(parts)).toEqual({ kind: 'none' });
  });

  const metadata = { deletionTimestamp: '2026-01-02T03:59:59Z' };
  it.each<[string, WaitGroupParts]>([
    ['new', {}],
    ['waiting', { status: waiting }],
    ['completed', { status: fallen }],
    ['expired', { status: completed, spec: { ttl: '1s' } }],
  ])('about a %s WaitGroup that is being deleted', (_state, parts) => {
    expect(decide({ ...parts, metadata })).toEqual({ kind: 'none' });
  });
});

describe('a completion', () => {
  it('is recorded with its time, and reported in an Event', () => {
    expect(decide({ status: fallen })).toEqual({
      kind: 'write',
      status: { ...fallen, completedAt: '2026-01-02T04:00:00.678Z' },
      events: [{ ...completedEvent, dedupeKey: '2026-01-02T04:00:00.678Z' }],
    });
  });

  it('keeps its first time, and is not reported again', () => {
    const decision = decide({ status: completed, metadata: { generation: 2 } });
    expect(decision).toEqual({ kind: 'write', status: { ...completed, observedGeneration: 2 }, events: [] });
  });

  it('of an older client gets its outcome in the same write', () => {
    const status = buildStatus({ ...totals, observedGeneration: 1 });
    expect(written({ status })).toMatchObject({ outcome: 'Succeeded', completedAt: '2026-01-02T04:00:00.678Z' });
  });

  it('is removed when work is outstanding again', () => {
    const status = { ...waiting, completedAt: COMPLETED_AT };
    expect(decide({ status })).toEqual({ kind: 'write', status: waiting, events: [] });
  });
});

describe('a status', () => {
  it.each([{}, { observedGeneration: 1 }])('that was written by hand, with %j, gets its Done condition', (fields) => {
    const status = written({ status: { counter: 3, phase: 'Waiting', ...fields } });
    expect(status).toMatchObject({ counter: 3, phase: 'Waiting', observedGeneration: 1 });
    expect(status.conditions).toMatchObject([{ type: 'Done', status: 'False', reason: 'Outstanding' }]);
  });

  it('keeps conditions of other types beside it', () => {
    const other = {
      type: 'Checked',
      status: 'True' as const,
      reason: 'Other',
      message: '',
      lastTransitionTime: COMPLETED_AT,
    };
    const { conditions } = written({ status: { counter: 0, phase: 'Done', conditions: [other] } });
    expect(conditions).toEqual([other, expect.objectContaining({ type: 'Done', status: 'True' })]);
  });

  it('is left as the counting rule wrote it, fields of a newer schema included', () => {
    const status = { ...waiting, future: { active: 1 } };
    const decision = decide({ status, metadata: { generation: 2 } });
    expect(decision).toEqual({ kind: 'write', status: { ...status, observedGeneration: 2 }, events: [] });
  });

  it('that the operator wrote needs no other write', () => {
    for (const status of [undefined, fallen, { counter: 3, phase: 'Waiting' as const }])
      expect(decide({ status: written({ status }) })).toEqual({ kind: 'none' });
  });
});

describe('a status with folded workers', () => {
  const fold = (stored: WaitGroupStatus, folded: WaitGroupStatus) =>
    reconcile(deepFreeze(buildWaitGroup({ status: stored })), { time: NOW }, deepFreeze(folded));

  it('is written with what follows from it', () => {
    const done = { ...fallen, failures: 1 };
    expect(fold(waiting, done)).toEqual({
      kind: 'write',
      status: { ...done, completedAt: '2026-01-02T04:00:00.678Z' },
      events: [{ ...completedEvent, dedupeKey: '2026-01-02T04:00:00.678Z' }],
    });
  });

  it('reports the completion of a round that began and ended in one fold, and corrects nothing', () => {
    const next = { ...fallen, added: 4, addedAtCompletion: 4, completions: 2 };
    const decision = fold(completed, next);
    expect(decision).toMatchObject({ kind: 'write', status: { completedAt: '2026-01-02T04:00:00.678Z' } });
    expect(decision.kind !== 'none' && decision.events).toMatchObject([
      { reason: 'Completed', message: 'All 4 completed' },
    ]);
  });

  it.each([
    ['WorkerFailed', 'WorkerFailed: disk full, by worker-1'],
    ['WorkerLost', 'WorkerLost: disk full, by worker-1'],
  ])('reports the failure of a worker, %s', (reason, message) => {
    const failure = { reason, message: 'disk full', worker: 'worker-1' };
    const failed = failRound({ ...waiting, failures: 1, failedAt: COMPLETED_AT, counter: 1 }, failure, NOW);
    const decision = fold({ ...waiting, failures: 1, failedAt: COMPLETED_AT }, failed);
    expect(decision.kind !== 'none' && decision.events).toMatchObject([{ reason: 'Failed', message, dedupeKey: '2' }]);
  });
});
