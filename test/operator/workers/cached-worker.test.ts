import { groupKey, reduceWorker } from '@konductor/operator';
import { expect, it } from 'vitest';
import { buildWorker } from '../pods/workers.ts';

const record = buildWorker({ operation: 'op-1', state: 'Failed', done: 1, reason: 'DiskFull', message: 'no space' });

it('keeps what is counted and the last change, and nothing else', () => {
  const managedFields = [{ time: '2026-01-02T03:04:05Z' }, { time: '2026-01-02T04:00:00Z' }, {}];
  const labels = { large: 'x'.repeat(63) };
  const stored = { ...record, metadata: { ...record.metadata, labels, managedFields, annotations: labels } };
  const { operation: _, ...spec } = record.spec;
  expect(reduceWorker(stored)).toEqual({ ...record, spec, changedAt: Date.parse('2026-01-02T04:00:00Z') / 1_000 });
});

it('keeps a message only of a failure or a loss', () => {
  const messageOf = (state: 'Active' | 'Done' | 'Failed' | 'Lost') =>
    reduceWorker(buildWorker({ state, message: 'why' })).spec?.message;
  expect((['Active', 'Done', 'Failed', 'Lost'] as const).map(messageOf)).toEqual([undefined, undefined, 'why', 'why']);
});

it('has no spec of an object that is not a WaitGroupWorker, which counts in no WaitGroup', () => {
  const reduced = reduceWorker({ ...record, spec: { ...record.spec, added: 'many' } });
  expect(reduced).toMatchObject({ metadata: record.metadata });
  expect(reduced.spec).toBeUndefined();
  expect(groupKey(reduced as never)).toBeUndefined();
});

it('counts only in the WaitGroup of its namespace', () => {
  expect(groupKey(record)).toBe('jobs/batch/uid-1');
});
