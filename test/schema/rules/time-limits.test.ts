import { deadlineOf, expiryOf, type WaitGroupStatus } from '@konductor/schema';
import { describe, expect, it } from 'vitest';
import { buildStatus, buildWaitGroup } from '../wait-groups.ts';

const FIRST = '2026-01-02T03:00:00.500Z';
const LATER = '2026-01-02T05:00:00+01:00';
const startMs = Date.parse(FIRST);
const failure = { reason: 'DiskFull', message: 'full', at: FIRST };
const done = { counter: 0, added: 1, completions: 1 };
const failed = { counter: 1, added: 1, outcome: 'Failed', failures: 1, failure } as const;

describe('the TTL', () => {
  const expiry = (status: Partial<WaitGroupStatus>, ttl?: string) =>
    expiryOf(buildWaitGroup({ spec: ttl === undefined ? {} : { ttl }, status: buildStatus(status) }));

  it.each<[string, Partial<WaitGroupStatus>]>([
    ['completion', { ...done, completedAt: FIRST }],
    ['failure, while work is outstanding', { ...failed, failedAt: FIRST }],
    ['failure, which is earlier than the completion', { ...failed, counter: 0, failedAt: FIRST, completedAt: LATER }],
    ['completion, which is earlier than the failure', { ...failed, counter: 0, failedAt: LATER, completedAt: FIRST }],
  ])('starts at the %s', (_name, status) => {
    expect(expiry(status, '1h')).toEqual({ startMs, durationMs: 3_600_000 });
  });

  it('does not start before the operator has observed completion or failure, and without a TTL', () => {
    expect(expiry({ ...failed, startedAt: FIRST }, '1h')).toBeUndefined();
    expect(expiry({ ...done, completedAt: FIRST })).toBeUndefined();
    expect(expiryOf(buildWaitGroup({ spec: { ttl: '1h' } }))).toBeUndefined();
  });

  it('does not exist where the API server should have rejected it', () => {
    expect(expiry({ ...done, completedAt: FIRST }, '1d')).toBeUndefined();
    expect(expiry({ ...done, completedAt: 'today' }, '1h')).toBeUndefined();
  });
});

describe('the deadline', () => {
  const deadline = (status: Partial<WaitGroupStatus>, spec = { deadline: '1h' }) =>
    deadlineOf(buildWaitGroup({ spec, status: buildStatus(status) }));
  const open = { counter: 1, added: 1, startedAt: FIRST };

  it('starts when the operator observed the start of the round', () => {
    expect(deadline(open)).toEqual({ startMs, durationMs: 3_600_000 });
  });

  it.each<[string, Partial<WaitGroupStatus>]>([
    ['no work is outstanding', { ...open, counter: 0 }],
    ['the round has failed', { ...failed, startedAt: FIRST }],
    ['the operator has not observed its start', { counter: 1, added: 1 }],
  ])('does not exist while %s', (_name, status) => {
    expect(deadline(status)).toBeUndefined();
  });

  it('does not exist without spec.deadline, and before the first write', () => {
    expect(deadline(open, {} as never)).toBeUndefined();
    expect(deadlineOf(buildWaitGroup({ spec: { deadline: '1h', initialCount: 1 } }))).toBeUndefined();
  });
});
