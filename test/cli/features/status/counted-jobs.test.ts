import type { WaitGroupWorker } from '@konductor/schema';
import { describe, expect, it } from 'vitest';
import { countedJobs } from '../../../../cli/src/features/status/counted-jobs.ts';
import { adviseOnOperator } from '../../../../cli/src/features/status/operator-lag.ts';
import type { Job } from '../../../../cli/src/features/workers/jobs.ts';
import { buildStatus, buildWaitGroup, CREATED, NOW } from '../../../schema/wait-groups.ts';

const record = (name: string, spec: Partial<WaitGroupWorker['spec']> = {}): WaitGroupWorker => ({
  ...{ apiVersion: 'konductor.io/v1', kind: 'WaitGroupWorker' },
  metadata: { name, creationTimestamp: CREATED },
  spec: {
    ...{ waitGroup: 'batch', waitGroupUid: 'uid-1', worker: name, job: { name, uid: `uid-of-${name}` } },
    ...{ added: 1, done: 0, borrowed: 0, round: 0, state: 'Active', ...spec },
  },
});
const job = (name: string, type?: string): [string, Job] => {
  const condition = { type: type ?? '', status: 'True', reason: 'Why', lastTransitionTime: CREATED };
  const metadata = { name, uid: `uid-of-${name}`, creationTimestamp: CREATED };
  return [metadata.uid, { metadata, ...(type && { status: { conditions: [condition] } }) }];
};
const outstandingOf = (...ofJobs: WaitGroupWorker[]) => ({ total: ofJobs.length, shown: [], lost: 0, ofJobs });

describe('countedJobs', () => {
  const records = outstandingOf(record('works'), record('done', { state: 'Done' }), record('failed'), record('gone'));

  it('lists what needs attention first, then the work, then what has finished', () => {
    const jobs = new Map([job('works'), job('failed', 'Failed'), job('new')]);
    expect(countedJobs(records, jobs).map(({ name, state, phase, message }) => [name, state, phase, message])).toEqual([
      ['failed', 'Active', 'Failed', 'Why'],
      ['gone', 'Active', 'gone', undefined],
      ['new', 'Uncounted', 'Running', undefined],
      ['works', 'Active', 'Running', undefined],
      ['done', 'Done', 'gone', undefined],
    ]);
  });

  it('knows no phases without the Jobs, and no states without the records', () => {
    expect(countedJobs(records, undefined).map(({ phase }) => phase)).toEqual(Array(4).fill(undefined));
    expect(countedJobs(undefined, new Map([job('new')]))).toEqual([]);
  });
});

describe('adviseOnOperator', () => {
  const advise = (evidence: object, counter = 1, now = NOW) =>
    adviseOnOperator(buildWaitGroup({ status: buildStatus({ counter, added: counter }) }), {
      ...{ events: [], pods: {}, now, ...evidence },
    })?.state;
  const move = { worker: 'w', state: 'Active', at: CREATED } as const;
  const uncounted = { outstanding: { ...outstandingOf(), uncounted: [move, move] } };

  it('says that changes of workers are not counted, once the operator had time', () => {
    expect(advise(uncounted)).toBe('2 changes of workers are not counted, for up to 55m');
    expect(advise(uncounted, 1, new Date(CREATED))).toBeUndefined();
  });

  it('is silent where the counter has no room for them', () => {
    expect(advise(uncounted, 2_147_483_647)).toBeUndefined();
  });

  it('names Jobs that it should have counted, or marked done', () => {
    const jobs = new Map([job('new'), job('complete', 'Complete'), job('works')]);
    const outstanding = outstandingOf(record('works'), record('complete'));
    expect(advise({ outstanding, jobs })).toBe('the operator has not counted Jobs new, complete');
    expect(advise({ outstanding, jobs }, 1, new Date(CREATED))).toBeUndefined();
  });
});
