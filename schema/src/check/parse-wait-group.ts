// Parses a response of the API server as a WaitGroup. The CRD has validated the object, so only the fields that this project
// reads are checked: they reveal a CRD of another version, or a response that is not the API server's.
import { API_GROUP_VERSION } from '../kind/kind.ts';
import type { WaitGroup, WaitGroupSpec, WaitGroupStatus } from '../shape/wait-group.ts';
import { isDnsLabel } from '../values/dns-name.ts';
import { MAX_COUNTER, MAX_TOTAL } from '../values/limits.ts';
import { TIMESTAMP_PATTERN } from '../values/timestamp.ts';

/** Thrown for an object that is not a WaitGroup as this program knows it. */
export class InvalidWaitGroupError extends Error {
  override readonly name = 'InvalidWaitGroupError';
}

/** The same object, typed; throws {@link InvalidWaitGroupError} that names the first invalid field. */
export function parseWaitGroup(object: unknown): WaitGroup {
  const wrong = checkWaitGroup(object);
  if (wrong === undefined) return object as WaitGroup;
  const what = wrong.startsWith('.') ? wrong.slice(1) : `the object${wrong}`;
  throw new InvalidWaitGroupError(`not a WaitGroup of ${API_GROUP_VERSION}: ${what}`);
}

/** Undefined for a valid value; else the path of the invalid field and the problem: `.counter must be a string`. */
type Check = (value: unknown) => string | undefined;
type Checks<T> = { readonly [Name in keyof T]-?: Check };

const timestamp = new RegExp(TIMESTAMP_PATTERN);
const text = must((value) => typeof value === 'string', 'a string');
/** What the API server allows. Other programs print it and put it into paths and command lines. */
const label = must((value) => typeof value === 'string' && isDnsLabel(value), 'a DNS label');
const time = must((value) => typeof value === 'string' && timestamp.test(value), 'a time like 2026-01-02T03:04:05Z');
const total = optional(integer(0, MAX_TOTAL));
const spec: Checks<WaitGroupSpec> = {
  ttl: optional(text),
  deadline: optional(text),
  initialCount: optional(integer(0, MAX_COUNTER)),
};
const status: Checks<WaitGroupStatus> = {
  counter: integer(0, MAX_COUNTER),
  phase: oneOf('Waiting', 'Done'),
  added: total,
  completions: total,
  addedAtCompletion: total,
  recentOperations: optional(list(fields({ id: text, delta: integer(-MAX_TOTAL, MAX_TOTAL), by: text, at: time }))),
  completedAt: optional(time),
  startedAt: optional(time),
  failedAt: optional(time),
  outcome: optional(oneOf('Succeeded', 'Failed')),
  failure: optional(fields({ reason: text, message: text, worker: optional(text), at: time })),
  failures: total,
  conditions: optional(
    list(fields({ type: text, status: oneOf('True', 'False', 'Unknown'), lastTransitionTime: time })),
  ),
  observedGeneration: total,
};
const checkWaitGroup = fields({
  apiVersion: oneOf(API_GROUP_VERSION),
  kind: oneOf('WaitGroup'),
  metadata: fields({ name: label, namespace: optional(label) }),
  spec: optional(fields(spec)),
  status: optional(fields(status)),
});

function must(isRight: (value: unknown) => boolean, what: string): Check {
  return (value) => (isRight(value) ? undefined : ` must be ${what}`);
}

function integer(least: number, most: number): Check {
  const isRight = (value: unknown) => Number.isInteger(value) && Number(value) >= least && Number(value) <= most;
  return must(isRight, `a whole number from ${least} to ${most}`);
}

function oneOf(...texts: readonly string[]): Check {
  return must((value) => texts.some((one) => one === value), texts.join(' or '));
}

function optional(check: Check): Check {
  return (value) => (value === undefined ? undefined : check(value));
}

function list(item: Check): Check {
  return (value) => {
    if (!Array.isArray(value)) return ' must be a list';
    for (let index = 0; index < value.length; index++) {
      const wrong = item(value[index]);
      if (wrong !== undefined) return `.${index}${wrong}`;
    }
    return undefined;
  };
}

/** Other fields are accepted: a newer version of the API may have them. */
function fields(checks: Readonly<Record<string, Check>>): Check {
  const entries = Object.entries(checks);
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return ' must be an object';
    for (const [name, check] of entries) {
      const wrong = check(value[name as keyof typeof value]);
      if (wrong !== undefined) return `.${name}${wrong}`;
    }
    return undefined;
  };
}
