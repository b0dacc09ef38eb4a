// The CEL rules of WaitGroup: what the API server rejects from every client, kubectl included.
// Rules that compare with oldSelf belong to the root: the API server does not run a rule on status when a write removes status.
import type { ValidationRule } from '../kind/kind.ts';
import { DNS_LABEL } from '../values/dns-name.ts';
import { MAX_COUNTER, MAX_TOTAL } from '../values/limits.ts';

// Not String.raw: Bun turns the µ in it into an escape sequence.
const DURATION = '^[-+]?(0|(([0-9]+(\\\\.[0-9]*)?|\\\\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))+)$';

const isDuration = {
  rule: `self.matches('${DURATION}')`,
  message: 'must be a duration in hours, minutes and seconds, such as 1h, 1h30m or 500ms',
};

/** Rules of the field spec.deadline; `self` is its text. */
export const waitGroupDeadlineRules = [
  isDuration,
  {
    rule: `!self.matches('${DURATION}') || duration(self) > duration('0s')`,
    message: 'must be above 0s and at most 2562047h: set how long work may be outstanding, or remove the field',
  },
];

/** Rules of the field spec.ttl; `self` is its text. */
export const waitGroupTtlRules = [
  isDuration,
  {
    rule: `!self.matches('${DURATION}') || duration(self) >= duration('0s')`,
    message:
      'must be between 0s and 2562047h: set how long to keep the WaitGroup after completion or failure, or 0s to delete it immediately',
  },
];

const field = (name: string) => `self.?status.?${name}`;
const fieldBefore = (name: string) => `oldSelf.?status.?${name}`;
const now = (total: string) => `${field(total)}.orValue(0)`;
const before = (total: string) => `${fieldBefore(total)}.orValue(0)`;

/** How many rounds have begun. A counter that was set to zero by hand can leave completions behind, and the number falls. */
const ROUND = `(${now('completions')} + (${now('counter')} > 0 ? 1 : 0))`;
const ROUND_BEFORE = `(${before('completions')} + (${before('counter')} > 0 ? 1 : 0))`;
const SAME_ROUND = `${ROUND} <= ${ROUND_BEFORE}`;
/** At their maximum, completions no longer tell one round from the next. */
const ROUND_UNKNOWN = `${now('completions')} == ${MAX_TOTAL}`;
const FAILED = `${field('outcome')}.orValue('') == 'Failed'`;
const FAILED_BEFORE = `${fieldBefore('outcome')}.orValue('') == 'Failed'`;

// Field by field: the API server estimates the cost of comparing objects, and of comparing optional texts, as unlimited.
const SAME_FAILURE = ['reason', 'message', 'worker', 'at']
  .map((name) => [`self.status.failure.${name}`, `oldSelf.status.failure.${name}`])
  .map(([one, other]) => `has(${one}) == has(${other}) && (!has(${one}) || ${one} == ${other})`)
  .join(' && ');

/** A time that the operator sets belongs to one round. */
const belongsTo = (time: string, isNewRound: string, message: string): ValidationRule => ({
  rule: `!${field(time)}.hasValue() || ${field(time)} != ${fieldBefore(time)} || !(${isNewRound})`,
  message,
  fieldPath: `.status.${time}`,
});

/** What a status says about the outcome of its round. */
const outcomeRules: readonly ValidationRule[] = [
  {
    rule: `${field('outcome')}.orValue('') != 'Succeeded' || ${now('counter')} == 0`,
    message:
      'status.outcome can be Succeeded only while counter is zero: remove outcome when you increase counter from zero',
    fieldPath: '.status.outcome',
  },
  {
    rule: `${field('outcome')}.orValue('') != 'Succeeded' || ${now('added')} > 0 || ${now('completions')} > 0`,
    message: 'status.outcome cannot be Succeeded before any work was added: remove outcome',
    fieldPath: '.status.outcome',
  },
  {
    rule: `!${fieldBefore('outcome')}.hasValue() || ${SAME_ROUND} || ${now('counter')} == 0 || ${now('added')} - ${before('added')} >= ${now('counter')} || ${now('added')} == ${MAX_TOTAL}`,
    message:
      'status.added must grow by the work of the new round, which is at least counter, when it follows a round with an outcome: use koncli waitgroup add',
    fieldPath: '.status.added',
  },
  {
    rule: `${field('failure')}.hasValue() == (${FAILED})`,
    message: 'status.failure must be set if and only if status.outcome is Failed: set or remove both together',
    fieldPath: '.status.failure',
  },
  {
    rule: `!${fieldBefore('outcome')}.hasValue() || !(${SAME_ROUND}) || ${ROUND_UNKNOWN} || ${field('outcome')}.hasValue() && self.status.outcome == oldSelf.status.outcome && (!${fieldBefore('failure')}.hasValue() || ${field('failure')}.hasValue() && ${SAME_FAILURE})`,
    message:
      'status.outcome and failure must not change until an add begins the next round: send the values that were read',
    fieldPath: '.status.outcome',
  },
  {
    rule: `!(${FAILED}) || (${FAILED_BEFORE}) && ${SAME_ROUND} || ${now('failures')} > ${before('failures')} || ${ROUND_UNKNOWN}`,
    message:
      'status.outcome can become Failed only together with a larger status.failures, and not remain from an earlier round: use koncli waitgroup fail',
    fieldPath: '.status.outcome',
  },
  {
    rule: `!(${FAILED}) || ${fieldBefore('outcome')}.hasValue() || ${before('counter')} > 0 || !(${SAME_ROUND})`,
    message: 'status.outcome cannot become Failed while no work is outstanding: add work first',
    fieldPath: '.status.outcome',
  },
  {
    rule: `${now('failures')} - ${before('failures')} <= (${SAME_ROUND} ? (${FAILED} && !(${FAILED_BEFORE}) ? 1 : 0) : ${ROUND} - ${ROUND_BEFORE} + (${before('counter')} > 0 && !${fieldBefore('outcome')}.hasValue() ? 1 : 0))`,
    message: 'status.failures must grow by one for each round that fails, and not otherwise: use koncli waitgroup fail',
    fieldPath: '.status.failures',
  },
  {
    rule: `!${field('failedAt')}.hasValue() || ${FAILED}`,
    message: 'status.failedAt must be absent unless outcome is Failed: remove both together',
    fieldPath: '.status.failedAt',
  },
  belongsTo(
    'failedAt',
    `${now('failures')} != ${before('failures')}`,
    'status.failedAt is that of an earlier failure: remove it, and the operator records the new one',
  ),
  belongsTo(
    'startedAt',
    `!(${SAME_ROUND})`,
    'status.startedAt is that of an earlier round: remove it, and the operator records the new one',
  ),
  {
    rule: `!has(self.status) || !has(self.status.conditions) || self.status.conditions.all(c, !(c.type in ['Failed', 'Stalled']) || (c.status == 'True') == (${FAILED}))`,
    message:
      'the conditions Failed and Stalled must be True if and only if outcome is Failed: remove them, and the operator sets them',
    fieldPath: '.status.conditions',
  },
];

export const waitGroupRules: readonly ValidationRule[] = [
  {
    rule: `self.metadata.name.matches('${DNS_LABEL.source}')`,
    message:
      "metadata.name must be a DNS label: at most 63 lowercase alphanumeric characters or '-', starting and ending with an alphanumeric character",
    fieldPath: '.metadata',
  },
  {
    rule: 'self.?spec.?initialCount == oldSelf.?spec.?initialCount',
    message:
      'spec.initialCount is immutable: use koncli waitgroup add to change the counter, or create another WaitGroup',
    fieldPath: '.spec.initialCount',
  },
  {
    rule: "!has(self.status) || self.status.phase == (self.status.counter > 0 ? 'Waiting' : 'Done')",
    message: 'status.phase must be Waiting while counter is above zero and Done while it is zero: update both together',
    fieldPath: '.status.phase',
  },
  {
    rule: '!has(self.status) || !has(self.status.workers) || self.status.counter >= self.status.workers.added - self.status.workers.finished',
    message:
      'status.counter must not fall below the outstanding work of the workers: let them finish it, or use koncli waitgroup release',
    fieldPath: '.status.counter',
  },
  {
    rule: "!has(self.status) || !has(self.status.conditions) || self.status.conditions.all(c, c.type != 'Done' || (c.status == 'True') == (self.status.counter == 0))",
    message:
      'the Done condition must be True if and only if counter is zero: use koncli waitgroup add or done to change the counter',
    fieldPath: '.status.conditions',
  },
  {
    rule: '!has(oldSelf.status) || has(self.status)',
    message:
      'status cannot be removed, because its totals must not decrease: delete and recreate the WaitGroup instead',
    fieldPath: '.status',
  },
  {
    rule: '!has(oldSelf.status) || !has(oldSelf.status.workers) || has(self.status) && has(self.status.workers)',
    message:
      'status.workers cannot be removed, because it says which work of workers counter includes: send the values that were read',
    fieldPath: '.status.workers',
  },
  ...['added', 'completions', 'addedAtCompletion', 'failures'].map((total) => ({
    rule: `${now(total)} >= ${before(total)}`,
    message: `status.${total} must not decrease: send the value that was read, or a larger one`,
    fieldPath: `.status.${total}`,
  })),
  {
    // The first write counts spec.initialCount, too.
    rule: `${now('added')} - ${before('added')} <= ${2 * MAX_COUNTER}`,
    message: `status.added must grow by at most ${2 * MAX_COUNTER} in one write: restore a larger value in several writes`,
    fieldPath: '.status.added',
  },
  {
    // Each time that the counter reaches zero, something was outstanding before the write or was added in it. At its maximum, added no
    // longer tells how much.
    rule: `${now('completions')} - ${before('completions')} <= ${now('added')} - ${before('added')} + (${before('counter')} > 0 ? 1 : 0) || ${now('added')} == ${MAX_TOTAL}`,
    message:
      'status.completions must grow by no more than the work that was outstanding or added can complete: use koncli waitgroup done',
    fieldPath: '.status.completions',
  },
  {
    rule: `${now('addedAtCompletion')} <= ${now('added')} && (${now('addedAtCompletion')} == ${before('addedAtCompletion')} || ${now('addedAtCompletion')} >= ${before('added')} && ${now('completions')} > ${before('completions')} || ${now('completions')} == ${MAX_TOTAL})`,
    message:
      'status.addedAtCompletion must be the value of added when completions last increased: send the value that was read, or use koncli waitgroup done',
    fieldPath: '.status.addedAtCompletion',
  },
  {
    rule: '!has(self.status) || !has(self.status.completedAt) || self.status.counter == 0',
    message: 'status.completedAt must be absent while counter is above zero: remove it when you increase counter',
    fieldPath: '.status.completedAt',
  },
  {
    rule: `self.?status.?completedAt != oldSelf.?status.?completedAt || !self.?status.?completedAt.hasValue() || ${now('completions')} == ${before('completions')}`,
    message: 'status.completedAt is that of an earlier completion: remove it, and the operator records the new one',
    fieldPath: '.status.completedAt',
  },
  ...outcomeRules,
];
