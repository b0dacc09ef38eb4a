import { ActiveWorkers } from '@konductor/operator';
import { expect, it } from 'vitest';
import { buildWorker, POD } from './workers.ts';

const other = { name: 'batch-0-9z8y7', uid: 'pod-2' };

it('holds Active workers that have a pod, and no others', () => {
  const workers = new ActiveWorkers();
  workers.observe('a', buildWorker());
  workers.observe('b', buildWorker({ state: 'Done', done: 1 }));
  const { pod: _, ...spec } = buildWorker().spec;
  workers.observe('c', { ...buildWorker(), spec });
  expect([...workers.entries()]).toEqual([
    ['a', expect.objectContaining({ namespace: 'jobs', worker: 'batch-0', groupKey: 'jobs/batch/uid-1', pod: POD })],
  ]);
});

it('forgets a worker that finishes, and one whose record is deleted', () => {
  const workers = new ActiveWorkers();
  for (const end of [buildWorker({ state: 'Done', done: 1 }), undefined]) {
    workers.observe('a', buildWorker());
    workers.observe('a', end);
    expect(workers.size).toBe(0);
    expect(workers.setJobs(POD.uid, [])).toEqual([]);
  }
});

it('keeps what it knows of a pod while the record names it', () => {
  const workers = new ActiveWorkers();
  workers.observe('a', buildWorker());
  workers.setJobs(POD.uid, [{ name: 'batch' }]);
  workers.observe('a', buildWorker({ message: 'exit code 1' }));
  expect(workers.get('a')?.jobs).toEqual([{ name: 'batch' }]);
  workers.observe('a', buildWorker({ pod: other }));
  expect(workers.get('a')).toMatchObject({ pod: other, waits: 0, isReported: false });
  expect(workers.get('a')?.jobs).toBeUndefined();
});

it('finds all workers of a pod', () => {
  const workers = new ActiveWorkers();
  workers.observe('a', buildWorker());
  workers.observe('b', buildWorker({ waitGroup: 'next' }));
  workers.observe('c', buildWorker({ pod: other }));
  expect(workers.setJobs(POD.uid, [])).toEqual(['a', 'b']);
  workers.observe('a', undefined);
  expect(workers.setJobs(POD.uid, [])).toEqual(['b']);
});
