// Parses a response of the API server as a WaitGroup.
import { API_GROUP_VERSION } from '../kind/kind.ts';
import type { WaitGroup, WaitGroupSpec, WaitGroupStatus } from '../shape/wait-group.ts';
import type { RetiringWorker, WorkersStatus } from '../shape/workers-status.ts';
import { MAX_COUNTER, MAX_TOTAL, REVISION } from '../values/limits.ts';
import { type Checks, fields, integer, label, list, must, oneOf, optional, text, time } from './checks.ts';

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

const amount = integer(0, MAX_TOTAL);
const total = optional(amount);
const revision = must((value) => typeof value === 'string' && REVISION.test(value), 'a resourceVersion');
const spec: Checks<WaitGroupSpec> = {
  ttl: optional(text),
  deadline: optional(text),
  initialCount: optional(integer(0, MAX_COUNTER)),
  workerPolicy: optional(oneOf('Keep', 'Release', 'Fail')),
};
const retiring: Checks<RetiringWorker> = {
  name: text,
  uid: text,
  resourceVersion: revision,
  added: amount,
  done: amount,
  borrowed: amount,
};
const workers: Checks<WorkersStatus> = {
  active: amount,
  done: amount,
  failed: amount,
  lost: amount,
  added: amount,
  finished: amount,
  borrowed: amount,
  revision,
  retiring: optional(list(fields(retiring))),
};
const status: Checks<WaitGroupStatus> = {
  counter: integer(0, MAX_COUNTER),
  phase: oneOf('Waiting', 'Done'),
  added: total,
  completions: total,
  addedAtCompletion: total,
  recentOperations: optional(list(fields({ id: text, delta: integer(-MAX_TOTAL, MAX_TOTAL), by: text, at: time }))),
  workers: optional(fields(workers)),
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
