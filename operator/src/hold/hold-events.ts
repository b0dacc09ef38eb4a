// The Events on Jobs and pods that wait for a WaitGroup. Each has a key of its own, so that two operators, or one that is started
// again, publish it once.
import { AFTER_LABEL, COUNTS_FOR_LABEL, HOLD_GATE, MIN_ADDED_ANNOTATION, type WaitGroup } from '@konductor/schema';
import type { EventToRecord } from '../controller/event-recorder.ts';
import type { HeldObject } from './held-object.ts';

export const INSTALL = 'apply hold.yaml (Helm: hold.enabled=true)';
const warning = (reason: string, message: string, dedupeKey = ''): EventToRecord => ({
  ...{ type: 'Warning', reason, message, dedupeKey },
});

export const released = (message: string): EventToRecord => ({
  ...{ type: 'Normal', reason: 'Released', message, dedupeKey: '' },
});

export const releaseForbidden = ({ kind }: HeldObject): EventToRecord =>
  warning('ReleaseForbidden', `The operator cannot patch ${kind}s: ${INSTALL}`);

export const waitGroupMissing = ({ after, kind }: HeldObject): EventToRecord =>
  warning(
    'WaitGroupMissing',
    `WaitGroup ${after} does not exist, so the ${kind} is held: create the WaitGroup, or set konductor.io/on-missing: release`,
  );

/** Once for each failed round. */
export function waitGroupFailed({ after, kind }: HeldObject, { metadata, status }: WaitGroup): EventToRecord {
  const { failure, failures } = status ?? {};
  const why = failure ? ` (${failure.reason}): ${failure.message}` : '';
  const advice = `The ${kind} is held until a later round succeeds; konductor.io/on-failure: release lets it go`;
  return warning('WaitGroupFailed', `WaitGroup ${after} failed${why}. ${advice}`, `${metadata.uid} ${failures}`);
}

export function notHeld({ kind }: HeldObject): EventToRecord {
  const hold = kind === 'Job' ? 'set spec.suspend: true' : `add the scheduling gate ${HOLD_GATE}`;
  return warning('NotHeld', `Nothing holds the ${kind} with the label ${AFTER_LABEL}: ${hold}, or ${INSTALL}`);
}

export const suspendedAgain = ({ metadata: { name, namespace } }: HeldObject): EventToRecord =>
  warning(
    'SuspendedAgain',
    `The Job was released once and is suspended again, such as by applying its manifest. To resume it, run kubectl patch job ${name} -n ${namespace} -p '{"spec":{"suspend":false}}'`,
  );

export const waitsForItself = ({ after }: HeldObject): EventToRecord =>
  warning(
    'WaitsForItself',
    `WaitGroup ${after} counts the Job that waits for it: remove the label ${COUNTS_FOR_LABEL} or ${AFTER_LABEL}`,
  );

export const invalidMinAdded = ({ kind }: HeldObject): EventToRecord =>
  warning('InvalidAnnotation', `${MIN_ADDED_ANNOTATION} is no whole number, so the ${kind} is held: correct it`);
