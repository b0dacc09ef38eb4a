import { describe, expect, it } from 'vitest';
import { eventTable } from '../../../cli/src/output/event-table.ts';
import { NOW } from '../../schema/wait-groups.ts';

const at = (time: string) => `2026-01-02T${time}Z`;

describe('eventTable', () => {
  it('shows the newest last, whichever time field is set, with counts like kubectl describe', () => {
    const table = eventTable(
      [
        {
          metadata: { name: 'e3' },
          type: 'Warning',
          reason: 'WorkerLost',
          message: 'worker-7\nis\u001b[31mgone',
          reportingComponent: 'konductor-operator',
          eventTime: at('03:00:00.000000'),
          lastTimestamp: null,
          series: { count: 4, lastObservedTime: at('03:59:30.000000') },
        },
        {
          metadata: { name: 'e1' },
          type: 'Normal',
          reason: 'CounterSet',
          message: 'x',
          source: { component: 'koncli' },
          firstTimestamp: at('03:10:00'),
          lastTimestamp: at('03:20:00'),
          count: 3,
        },
        { metadata: { name: 'e0', creationTimestamp: at('03:05:00') }, reason: 'Bare' },
        {
          metadata: { name: 'e2' },
          type: 'Normal',
          reason: 'Completed',
          message: 'y',
          lastTimestamp: at('03:30:00'),
          count: 1,
        },
      ],
      NOW,
    );
    expect(table).toEqual([
      'EVENT        TYPE      AGE                 FROM                 MESSAGE',
      'Bare                   55m',
      'CounterSet   Normal    40m (x3 over 50m)   koncli               x',
      'Completed    Normal    30m                                      y',
      'WorkerLost   Warning   30s (x4 over 60m)   konductor-operator   worker-7 is [31mgone',
    ]);
  });

  it('is empty without Events', () => {
    expect(eventTable([], NOW)).toEqual([]);
  });
});
