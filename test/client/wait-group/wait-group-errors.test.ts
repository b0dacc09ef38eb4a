import { WaitGroupFailedError } from '@konductor/client';
import { describe, expect, it } from 'vitest';

describe('WaitGroupFailedError', () => {
  const group = { namespace: 'jobs', name: 'batch' };
  const failure = { reason: 'DiskFull', message: 'no space left', at: '2026-11-30T12:00:00.000Z' };
  it.each([
    [
      'names what failed, who reported it, and when',
      { ...failure, worker: 'worker-3' },
      'waitgroup "batch" failed: DiskFull: no space left, by worker-3 at 2026-11-30T12:00:00.000Z',
    ],
    [
      'names no worker if none reported it',
      failure,
      'waitgroup "batch" failed: DiskFull: no space left at 2026-11-30T12:00:00.000Z',
    ],
    ['says so if the failure is not known', undefined, 'waitgroup "batch": a round failed since the wait began'],
  ])('%s', (_, given, message) => {
    const error = new WaitGroupFailedError(group, given, { counter: 2, phase: 'Waiting' });
    expect(error).toMatchObject({ message, group, failure: given, lastStatus: { counter: 2 } });
  });
});
