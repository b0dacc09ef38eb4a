// What WaitGroups are called, and the columns that they are shown in. Apart from their shape, so that koncli starts without it.
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
  { name: 'Added', type: 'integer', jsonPath: '.status.added', description: 'How much was ever added' },
  { name: 'TTL', type: 'string', jsonPath: '.spec.ttl', description: 'How long it is kept after completion' },
  {
    name: 'Completed',
    type: 'date',
    jsonPath: '.status.completedAt',
    description: 'Age of the completion',
    wide: true,
  },
  { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp', description: 'Age of the group' },
];
