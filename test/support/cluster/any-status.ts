// Statuses as any account with `update` on the status may write them, for fast-check.
import { MAX_COUNTER, MAX_TOTAL } from '@konductor/schema';
import fc from 'fast-check';

const text = (maxLength: number) => fc.string({ unit: fc.constantFrom('a', '"', '<', ' ', '~'), maxLength });
const timestamp = fc.constantFrom(
  ...['0001-01-01T00:00:00Z', '1970-01-01T00:00:00Z', '9999-12-31T23:59:59.999999999-23:59', '2026-01-02T03:04:05Z'],
);
const total = fc.oneof(fc.nat({ max: 5 }), fc.constantFrom(MAX_COUNTER, 2 * MAX_COUNTER));
const conditions = fc.uniqueArray(
  fc.record({
    type: fc.oneof(fc.constantFrom('Done', 'Failed', 'Stalled'), text(63)),
    status: fc.constantFrom('True', 'False', 'Unknown'),
    reason: text(128).map((reason) => `R${reason}`.slice(0, 128)),
    message: fc.string({ unit: 'binary', maxLength: 256 }).filter((message) => message.isWellFormed()),
    lastTransitionTime: timestamp,
  }),
  { selector: ({ type }) => type, maxLength: 8 },
);
const operations = fc.array(
  fc.record({
    id: text(127).map((id) => `${id}!`),
    delta: fc.constantFrom(-MAX_TOTAL, -1, 0, 1, MAX_TOTAL),
    by: text(253),
    at: timestamp,
  }),
  { maxLength: 16 },
);
/** Without outstanding work, which holds the counter of a repair. */
const workers = fc.option(
  fc
    .record({ own: total, borrowed: total, revision: fc.constantFrom('0', '9'.repeat(20)) })
    .map(({ own, ...rest }) => ({
      ...{ active: 0, done: own, failed: 0, lost: 0, added: own, finished: own },
      ...rest,
    })),
  { nil: undefined },
);
const reason = fc.constantFrom('WorkerFailed', 'A', 'R'.repeat(128));
export const anyFailure = fc.record(
  { reason, message: text(1023).map((message) => `${message}!`), worker: text(253), at: timestamp },
  { requiredKeys: ['reason', 'message', 'at'] },
);
/** Nearly all of them are accepted: only what contradicts itself is made to fit. */
export const anyStatus = fc
  .record({
    counter: fc.constantFrom(0, 1, 7, MAX_COUNTER),
    totals: fc.tuple(total, total, total, total).map((totals) => totals.toSorted((a, b) => a - b)),
    times: fc.record({ completedAt: timestamp, startedAt: timestamp, failedAt: timestamp }, { requiredKeys: [] }),
    outcome: fc.constantFrom(undefined, 'Succeeded', 'Failed', 'Failed'),
    failure: anyFailure,
    conditions,
    workers,
    recentOperations: operations,
    observedGeneration: fc.constantFrom(0, 1, MAX_TOTAL),
  })
  .map(({ totals: [failures = 0, completions = 0, addedAtCompletion, added], times, outcome, failure, ...fields }) => {
    const isDone = fields.counter === 0;
    const isFailed = outcome === 'Failed' && completions > 0;
    const { completedAt, startedAt, failedAt } = times;
    const isTrue: Readonly<Record<string, boolean>> = { Done: isDone, Failed: isFailed, Stalled: isFailed };
    return {
      ...fields,
      phase: isDone ? 'Done' : 'Waiting',
      ...{ completions, addedAtCompletion, added, failures: isFailed ? Math.max(failures, 1) : failures },
      ...(isFailed && { outcome, failure, ...(failedAt && { failedAt }) }),
      ...(outcome === 'Succeeded' && isDone && { outcome }),
      ...(startedAt && { startedAt }),
      ...(completedAt && isDone && { completedAt }),
      conditions: fields.conditions.map((one) =>
        one.type in isTrue ? { ...one, status: isTrue[one.type] ? 'True' : 'False' } : one,
      ),
    };
  });
