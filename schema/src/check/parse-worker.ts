// Parses a response of the API server as a WaitGroupWorker.
import { API_GROUP_VERSION } from '../kind/kind.ts';
import type { WaitGroupWorker, WaitGroupWorkerSpec } from '../shape/worker.ts';
import { MAX_TOTAL } from '../values/limits.ts';
import { type Checks, fields, integer, label, oneOf, optional, text } from './checks.ts';

/** Thrown for an object that is not a WaitGroupWorker as this program knows it. */
export class InvalidWaitGroupWorkerError extends Error {
  override readonly name = 'InvalidWaitGroupWorkerError';
}

const total = integer(0, MAX_TOTAL);
const spec: Checks<WaitGroupWorkerSpec> = {
  waitGroup: label,
  waitGroupUid: text,
  worker: label,
  added: total,
  done: total,
  borrowed: total,
  round: total,
  state: oneOf('Active', 'Done', 'Failed', 'Lost'),
  pod: optional(fields({ name: text, uid: text })),
  job: optional(fields({ name: text, uid: text })),
  operation: optional(text),
  reason: optional(text),
  message: optional(text),
};
const checkWorker = fields({
  apiVersion: oneOf(API_GROUP_VERSION),
  kind: oneOf('WaitGroupWorker'),
  metadata: fields({ name: text, namespace: optional(label), uid: text, resourceVersion: text }),
  spec: fields(spec),
});

/** The same object, typed; throws {@link InvalidWaitGroupWorkerError} that names the first invalid field. */
export function parseWaitGroupWorker(object: unknown): WaitGroupWorker {
  const wrong = checkWorker(object);
  if (wrong === undefined) return object as WaitGroupWorker;
  const what = wrong.startsWith('.') ? wrong.slice(1) : `the object${wrong}`;
  throw new InvalidWaitGroupWorkerError(`not a WaitGroupWorker of ${API_GROUP_VERSION}: ${what}`);
}
