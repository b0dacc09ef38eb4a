// The reasons that Konductor itself writes into conditions and failures. Clients can choose further reasons of failures.

/** The reasons of the condition Done, and their messages. */
export const DONE_REASONS = {
  Outstanding: 'Work is outstanding: the counter is above zero.',
  NeverUsed: 'No work has been added.',
  Completed: 'All work is done.',
  Failed: 'No work is outstanding, but the round failed.',
} as const;

/** The reasons of the condition Overrun, and their messages. */
export const OVERRUN_REASONS = {
  DoneWithoutAdd: 'Workers marked {count} more done than were added, among them {workers}',
} as const;

/** The reasons of `status.failure`, and so of the conditions Failed and Stalled. */
export const FAILURE_REASONS = ['WorkerFailed', 'WorkerLost', 'JobFailed', 'DeadlineExceeded'] as const;
export type FailureReason = (typeof FAILURE_REASONS)[number];

/** The types of conditions. */
export type ConditionType = 'Done' | 'Failed' | 'Stalled' | 'Overrun';
