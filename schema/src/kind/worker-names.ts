// The names of the WaitGroupWorker kind and its printer columns, apart from its shape, so that koncli starts without TypeBox.
import type { KindDefinition, PrinterColumn } from './kind.ts';

export const workerNames = {
  kind: 'WaitGroupWorker',
  plural: 'waitgroupworkers',
  singular: 'waitgroupworker',
  shortNames: ['wgw'],
} as const satisfies Partial<KindDefinition>;

export const workerColumns: readonly PrinterColumn[] = [
  { name: 'WaitGroup', type: 'string', jsonPath: '.spec.waitGroup', description: 'WaitGroup that it works for' },
  { name: 'Worker', type: 'string', jsonPath: '.spec.worker', description: 'ID of the worker' },
  { name: 'State', type: 'string', jsonPath: '.spec.state', description: 'Active, Done, Failed or Lost' },
  { name: 'Pod', type: 'string', jsonPath: '.spec.pod.name', description: 'Pod of the worker' },
  { name: 'Job', type: 'string', jsonPath: '.spec.job.name', description: 'Job that is the worker', wide: true },
  { name: 'Added', type: 'integer', jsonPath: '.spec.added', description: 'Work that it added', wide: true },
  { name: 'Done', type: 'integer', jsonPath: '.spec.done', description: 'Own work that it finished', wide: true },
  {
    name: 'Borrowed',
    type: 'integer',
    jsonPath: '.spec.borrowed',
    description: 'Work of others that it finished',
    wide: true,
  },
  { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp', description: 'Time since creation' },
];

/** The name of the record of a worker: it differs between two WaitGroups that had the same name. */
export function workerRecordName(group: { readonly name: string; readonly uid: string }, worker: string): string {
  return `${group.name}.${worker}.${group.uid.slice(0, 8)}`;
}
