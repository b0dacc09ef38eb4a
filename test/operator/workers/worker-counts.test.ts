import { countOverruns, countStates, countUncounted } from '@konductor/operator';
import { expect, it } from 'vitest';
import { buildStatus, buildWaitGroup } from '../../schema/wait-groups.ts';
import { buildWorker } from '../pods/workers.ts';

const workers = { active: 1, done: 0, failed: 0, lost: 0, added: 1, finished: 0, borrowed: 0 };
const countedUpTo = (revision: string) =>
  buildWaitGroup({ status: buildStatus({ workers: { ...workers, revision } }) });

it('counts records by state, also those that are none', () => {
  const records = [buildWorker(), buildWorker(), buildWorker({ state: 'Lost', done: 1 })];
  expect(countStates(records)).toEqual({ Active: 2, Done: 0, Failed: 0, Lost: 1 });
});

it('counts records that are newer than what their WaitGroup has counted', () => {
  // Their resourceVersion is 9.
  const cache = { recordsOf: () => ({ records: [buildWorker(), buildWorker()], revision: '20' }) };
  expect(countUncounted([buildWaitGroup(), countedUpTo('8')], cache)).toBe(4);
  expect(countUncounted([countedUpTo('9'), countedUpTo('10')], cache)).toBe(0);
});

it('counts WaitGroups with more work finished than added', () => {
  const overrun = { type: 'Overrun', status: 'True', reason: 'DoneWithoutAdd', message: '' } as const;
  const conditions = [{ ...overrun, lastTransitionTime: '2026-01-02T03:04:05Z' }];
  const status = { ...buildStatus(), conditions };
  expect(countOverruns([buildWaitGroup(), buildWaitGroup({ status }), countedUpTo('9')])).toBe(1);
});
