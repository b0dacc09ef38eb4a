import { judgeWorker, type Observed } from '@konductor/operator';
import { describe, expect, it } from 'vitest';
import { buildWorker, POD } from './workers.ts';

const evicted = { reason: 'Evicted', how: 'failed (Evicted)' };
const observed = (parts: Partial<Observed> = {}): Observed => ({
  ...{ record: buildWorker(), podUid: POD.uid, end: evicted, hasUnfinishedJob: false, policy: 'Keep' },
  ...parts,
});
const message = 'Pod batch-0-x7k2p failed (Evicted) before worker batch-0 marked its work done';

describe('a worker whose pod has ended', () => {
  it.each([
    ['Keep', 'report'],
    ['Release', 'release'],
    ['Fail', 'release'],
  ] as const)('is handled by the policy %s: %s', (policy, kind) => {
    expect(judgeWorker(observed({ policy }))).toEqual({ kind, reason: 'Evicted', message });
  });

  it.each(['Keep', 'Release', 'Fail'] as const)('waits for its Job under the policy %s', (policy) => {
    expect(judgeWorker(observed({ policy, hasUnfinishedJob: true }))).toEqual({ kind: 'wait' });
  });

  it('does not wait for its Job if the pod has succeeded: the Job does not replace it', () => {
    const end = { reason: 'PodSucceeded', how: 'succeeded' };
    expect(judgeWorker(observed({ end, hasUnfinishedJob: true }))).toMatchObject({ kind: 'report' });
  });

  it.each(['Done', 'Failed', 'Lost'] as const)('is left alone when its record is %s', (state) => {
    const record = buildWorker({ state, done: 1 });
    expect(judgeWorker(observed({ record, policy: 'Release' }))).toEqual({ kind: 'nothing' });
  });

  it('is left alone when another pod has taken its record over, and when the record is gone', () => {
    const record = buildWorker({ pod: { name: 'batch-0-9z8y7', uid: 'pod-2' } });
    expect(judgeWorker(observed({ record, policy: 'Release' }))).toEqual({ kind: 'nothing' });
    expect(judgeWorker(observed({ record: undefined, policy: 'Release' }))).toEqual({ kind: 'nothing' });
  });
});

it('leaves a worker alone whose pod can still work', () => {
  expect(judgeWorker(observed({ end: undefined, policy: 'Fail' }))).toEqual({ kind: 'nothing' });
});
