// The names of the WaitGroup kind and its printer columns, apart from its shape, so that koncli starts without TypeBox.
import type { KindDefinition, PrinterColumn } from './kind.ts';

export const waitGroupNames = {
  kind: 'WaitGroup',
  plural: 'waitgroups',
  singular: 'waitgroup',
  shortNames: ['wg'],
} as const satisfies Partial<KindDefinition>;

export const waitGroupColumns: readonly PrinterColumn[] = [
  { name: 'Counter', type: 'integer', jsonPath: '.status.counter', description: 'Outstanding work' },
  { name: 'Phase', type: 'string', jsonPath: '.status.phase', description: 'Waiting or Done' },
  { name: 'Added', type: 'integer', jsonPath: '.status.added', description: 'Total amount of work added' },
  {
    name: 'TTL',
    type: 'string',
    jsonPath: '.spec.ttl',
    description: 'How long the WaitGroup is kept after completion or failure',
  },
  {
    name: 'Outcome',
    type: 'string',
    jsonPath: '.status.outcome',
    description: 'Succeeded or Failed; empty while undecided',
    wide: true,
  },
  {
    name: 'Active',
    type: 'integer',
    jsonPath: '.status.workers.active',
    description: 'Workers with an identity that have not finished',
    wide: true,
  },
  {
    name: 'Lost',
    type: 'integer',
    jsonPath: '.status.workers.lost',
    description: 'Workers with an identity that were lost, and whose work was released',
    wide: true,
  },
  {
    name: 'Completed',
    type: 'date',
    jsonPath: '.status.completedAt',
    description: 'Time since completion',
    wide: true,
  },
  { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp', description: 'Time since creation' },
];
