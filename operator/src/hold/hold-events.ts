// The Events on Jobs and pods that wait for a WaitGroup. Each has a key of its own, so that two operators, or one that is started
// again, publish it once.
import { describeEvent, HOLD_GATE, type WaitGroup } from '@konductor/schema';
import type { EventToRecord } from '../controller/event-recorder.ts';
import type { HeldObject } from './held-object.ts';

export const INSTALL = 'apply hold.yaml (Helm: hold.enabled=true)';
const once = { dedupeKey: '' };

export const released = (message: string): EventToRecord => ({ ...describeEvent('Released', { message }), ...once });

export const releaseForbidden = ({ kind }: HeldObject): EventToRecord => ({
  ...describeEvent('ReleaseForbidden', { kind, remedy: INSTALL }),
  ...once,
});

export const waitGroupMissing = ({ after, kind }: HeldObject): EventToRecord => ({
  ...describeEvent('WaitGroupMissing', { waitGroup: after, kind }),
  ...once,
});

/** Once for each failed round. */
export function waitGroupFailed({ after, kind }: HeldObject, { metadata, status }: WaitGroup): EventToRecord {
  const { failure, failures } = status ?? {};
  const why = failure ? ` (${failure.reason}): ${failure.message}` : '';
  const event = describeEvent('WaitGroupFailed', { waitGroup: after, kind, failure: why });
  return { ...event, dedupeKey: `${metadata.uid} ${failures}` };
}

export function notHeld({ kind }: HeldObject): EventToRecord {
  const hold = kind === 'Job' ? 'set spec.suspend: true' : `add the scheduling gate ${HOLD_GATE}`;
  return { ...describeEvent('NotHeld', { kind, remedy: `${hold}, or ${INSTALL}` }), ...once };
}

export const suspendedAgain = ({ metadata: { name, namespace = '' } }: HeldObject): EventToRecord => ({
  ...describeEvent('SuspendedAgain', { name, namespace }),
  ...once,
});

export const waitsForItself = ({ after }: HeldObject): EventToRecord => ({
  ...describeEvent('WaitsForItself', { waitGroup: after }),
  ...once,
});

export const invalidMinAdded = ({ kind }: HeldObject): EventToRecord => ({
  ...describeEvent('InvalidAnnotation', { kind }),
  ...once,
});
