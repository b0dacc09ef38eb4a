import { type CachedWorker, type Reflector, WorkerCache } from '@konductor/operator';
import type { WaitGroupWorkerSpec } from '@konductor/schema';
import { expect, it } from 'vitest';
import { buildWaitGroup } from '../../schema/wait-groups.ts';
import { buildWorker } from '../pods/workers.ts';

/** A cache that the test feeds in place of a watch. */
function startCache() {
  const objects = new Map<string, CachedWorker>();
  const reported = { groups: [] as string[], unreadable: [] as string[], records: [] as string[] };
  let onChange: (key: string, object: CachedWorker, previous: CachedWorker | undefined) => void = () => {};
  const reflector = { get: (key: string) => objects.get(key), objects: () => objects.values(), revision: '40' };
  const cache = new WorkerCache({
    watch: (report) => {
      onChange = report;
      return reflector as unknown as Reflector<CachedWorker>;
    },
    onRecord: (key, record) => reported.records.push(`${key} ${record?.spec.state}`),
    onGroupChange: (key) => reported.groups.push(key),
    onUnreadable: (key) => reported.unreadable.push(key),
  });
  const store = (record: CachedWorker) => {
    const key = record.metadata.name;
    const previous = objects.get(key);
    objects.set(key, record);
    onChange(key, record, previous);
  };
  const remove = (record: CachedWorker) => {
    objects.delete(record.metadata.name);
    onChange(record.metadata.name, record, record);
  };
  const namesOf = (uid = 'uid-1') =>
    cache.recordsOf(buildWaitGroup({ metadata: { uid } })).records.map(({ metadata }) => metadata.name);
  return { cache, reported, store, remove, namesOf };
}

const named = (name: string, spec: Partial<WaitGroupWorkerSpec> = {}) => buildWorker(spec, name);

it('has the records of each WaitGroup as they change, with the revision up to which they are complete', () => {
  const { cache, store, remove, namesOf } = startCache();
  store(named('a'));
  store(named('b'));
  store(named('c', { waitGroupUid: 'uid-2' }));
  store(named('a', { state: 'Done', done: 1 }));
  remove(named('b'));
  expect([namesOf(), namesOf('uid-2'), namesOf('uid-3')]).toEqual([['a'], ['c'], []]);
  const { records, revision } = cache.recordsOf(buildWaitGroup());
  expect([records[0]?.spec.state, revision]).toEqual(['Done', '40']);
  expect(cache.records()).toHaveLength(2);
});

it('names the WaitGroup of every change, and hands on the record', () => {
  const { reported, store, remove } = startCache();
  store(named('a'));
  store(named('a', { state: 'Done', done: 1 }));
  remove(named('a', { state: 'Done', done: 1 }));
  expect(reported.groups).toEqual(Array(3).fill('jobs/batch/uid-1'));
  expect(reported.records).toEqual(['a Active', 'a Done', 'a undefined']);
});

it('counts no record in a WaitGroup of another namespace, whatever uid it names', () => {
  const { store, namesOf } = startCache();
  const { metadata, ...record } = named('forged');
  store({ ...record, metadata: { ...metadata, namespace: 'hostile' } });
  expect(namesOf()).toEqual([]);
});

it('reports a record that it cannot read, and counts it nowhere', () => {
  const { cache, reported, store, remove, namesOf } = startCache();
  store(named('a'));
  const unreadable = { metadata: named('a').metadata };
  store(unreadable);
  expect([namesOf(), cache.records(), reported.unreadable]).toEqual([[], [], ['a']]);
  remove(unreadable);
  expect(reported.groups).toEqual(['jobs/batch/uid-1']);
});
