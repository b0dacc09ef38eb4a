// The CEL rules of WaitGroup: what the API server refuses from every client, kubectl included.
// Rules that compare with oldSelf stand at the root, because a rule on status is not run when a write removes status.
import type { ValidationRule } from '../kind/kind.ts';
import { DNS_LABEL } from '../values/dns-name.ts';

// Not String.raw: Bun turns the µ in it into an escape sequence.
const DURATION = '^[-+]?(0|(([0-9]+(\\\\.[0-9]*)?|\\\\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))+)$';

/** On the field spec.ttl, where `self` is its text. */
export const waitGroupTtlRules = [
  {
    rule: `self.matches('${DURATION}')`,
    message: 'must be a duration of hours, minutes and seconds: write it like 1h, 1h30m or 500ms',
  },
  {
    rule: `!self.matches('${DURATION}') || duration(self) >= duration('0s')`,
    message:
      'must not be negative, nor longer than 2562047h: write how long to keep the group after completion, like 1h, or 0s for not at all',
  },
];

export const waitGroupRules: readonly ValidationRule[] = [
  {
    rule: `self.metadata.name.matches('${DNS_LABEL.source}')`,
    message:
      'metadata.name must be a DNS label: at most 63 lower-case letters, digits and hyphens, beginning and ending with a letter or digit',
    fieldPath: '.metadata',
  },
  {
    rule: 'self.?spec.?initialCount == oldSelf.?spec.?initialCount',
    message: 'spec.initialCount is immutable: change the counter with koncli waitgroup add, or make a new group',
    fieldPath: '.spec.initialCount',
  },
  {
    rule: "!has(self.status) || self.status.phase == (self.status.counter > 0 ? 'Waiting' : 'Done')",
    message: 'status.phase must be Waiting while counter is above zero and Done while it is zero: write both together',
    fieldPath: '.status.phase',
  },
  {
    rule: "!has(self.status) || !has(self.status.conditions) || self.status.conditions.all(c, c.type != 'Done' || (c.status == 'True') == (self.status.counter == 0))",
    message:
      'the Done condition must be True exactly while counter is zero: change the counter with koncli waitgroup add or done',
    fieldPath: '.status.conditions',
  },
  {
    rule: '!has(oldSelf.status) || has(self.status)',
    message: 'status cannot be removed, its totals never fall: delete the group and make a new one',
    fieldPath: '.status',
  },
  ...['added', 'completions', 'addedAtCompletion'].map((total) => ({
    rule: `self.?status.?${total}.orValue(0) >= oldSelf.?status.?${total}.orValue(0)`,
    message: `status.${total} never falls: send it back as it was read, or larger`,
    fieldPath: `.status.${total}`,
  })),
];
