import { customResourceDefinition, MAX_TOTAL, waitGroupWorkerKind, workerRecordName } from '@konductor/schema';
import { describe, expect, it } from 'vitest';

const crd = customResourceDefinition(waitGroupWorkerKind);
const [version] = crd.spec.versions;
const root = version?.schema.openAPIV3Schema ?? expect.fail('no version');
const fields = (root.properties.spec as { properties: Record<string, Record<string, unknown>> }).properties;

describe('the CRD of WaitGroupWorker', () => {
  it('is named as kubectl users type it', () => {
    expect(crd.metadata.name).toBe('waitgroupworkers.konductor.io');
    const names = { kind: 'WaitGroupWorker', plural: 'waitgroupworkers', singular: 'waitgroupworker' };
    expect(crd.spec).toMatchObject({ names: { ...names, shortNames: ['wgw'], categories: ['konductor'] } });
  });

  it('has all in its spec, which is required, and no status: a worker needs no permission for one', () => {
    expect(root.required).toEqual(['spec']);
    expect(root.properties).not.toHaveProperty('status');
    expect(version).not.toHaveProperty('subresources');
  });

  it('lets clients select the records of one WaitGroup', () => {
    expect(version?.selectableFields).toEqual([{ jsonPath: '.spec.waitGroup' }]);
  });

  it.each(['added', 'done', 'borrowed', 'round'])('bounds %s, which is zero if it is not sent', (field) => {
    const bounds = { type: 'integer', format: 'int64', minimum: 0, maximum: MAX_TOTAL, default: 0 };
    expect(fields[field]).toMatchObject(bounds);
  });

  it.each(Object.entries(fields))('describes %s to readers of kubectl explain, in sentences', (_name, field) => {
    expect(field.description).toMatch(/^[A-Z].*\.$/);
  });

  it('shows the worker, its state and its pod, and its tally when wide', () => {
    const columns = version?.additionalPrinterColumns.map(({ name, priority = 0 }) => [name, priority]);
    const narrow = ['WaitGroup', 'Worker', 'State', 'Pod'].map((name) => [name, 0]);
    const wide = ['Job', 'Added', 'Done', 'Borrowed'].map((name) => [name, 1]);
    expect(columns).toEqual([...narrow, ...wide, ['Age', 0]]);
  });

  it('says in every rule’s message what to do', () => {
    for (const { message } of waitGroupWorkerKind.rules) expect(message).toMatch(/must|:/);
  });
});

it('names a record by its WaitGroup, its worker, and which WaitGroup of that name', () => {
  expect(workerRecordName({ name: 'batch', uid: '01234567-89ab-cdef' }, 'w-1')).toBe('batch.w-1.01234567');
});
