// The CEL rules of WaitGroup: what the API server rejects from every client, kubectl included.
// Rules that compare with oldSelf belong to the root: the API server does not run a rule on status when a write removes status.
import type { ValidationRule } from '../kind/kind.ts';
import { DNS_LABEL } from '../values/dns-name.ts';

// Not String.raw: Bun turns the µ in it into an escape sequence.
const DURATION = '^[-+]?(0|(([0-9]+(\\\\.[0-9]*)?|\\\\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))+)$';

/** Rules of the field spec.ttl; `self` is its text. */
export const waitGroupTtlRules = [
  {
    rule: `self.matches('${DURATION}')`,
    message: 'must be a duration in hours, minutes and seconds, such as 1h, 1h30m or 500ms',
  },
  {
    rule: `!self.matches('${DURATION}') || duration(self) >= duration('0s')`,
    message:
      'must be between 0s and 2562047h: set how long to keep the WaitGroup after completion, or 0s to delete it immediately',
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
  ...['added', 'completions', 'addedAtCompletion'].map((total) => ({
    rule: `self.?status.?${total}.orValue(0) >= oldSelf.?status.?${total}.orValue(0)`,
    message: `status.${total} must not decrease: send the value that was read, or a larger one`,
    fieldPath: `.status.${total}`,
  })),
];
