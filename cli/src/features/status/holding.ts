// The advice on what waits for a WaitGroup by its label, and on what should no longer wait.
import { currentStatus, type WaitGroup } from '@konductor/schema';
import { commandOn, shell } from '../../output/command-line.ts';
import { INSTALL_HOLD } from '../doctor/hold.ts';
import type { Advice, Step } from './advice.ts';
import { countHeld, type Held, type HeldObject, isStuck } from './held.ts';

/** Undefined where nothing is held. */
export function adviseOnHeld(group: WaitGroup, held: Held | undefined, now: Date): Advice | undefined {
  const { objects = [], isComplete = true, isForbidden } = held ?? {};
  const stuck = objects.filter((object) => isStuck(object, { group, isForbidden, now }));
  if (stuck.length > 0) return adviseOnStuck(group, { objects: stuck, isComplete, isForbidden });
  const again = objects.filter(({ releasedAt }) => releasedAt !== undefined);
  if (again.length > 0) return adviseOnSuspended(group, again);
  if (objects.length === 0) return undefined;
  const isFailed = currentStatus(group).outcome === 'Failed';
  const why = isFailed ? ', held until a round succeeds' : '';
  return {
    state: `${countHeld(objects, isComplete)} ${objects.length > 1 ? 'wait' : 'waits'} for it${why}`,
    needsAttention: false,
    steps: [],
  };
}

function adviseOnStuck({ metadata }: WaitGroup, { objects, isComplete, isForbidden }: Held): Advice {
  const state = `${countHeld(objects, isComplete)} still held, although they can go on`;
  const step = isForbidden
    ? { purpose: 'let the operator resume Jobs and remove gates', command: INSTALL_HOLD }
    : { purpose: 'check the operator and its permissions', command: commandOn('koncli doctor', metadata) };
  return { state, needsAttention: true, steps: [step] };
}

/** The operator lets a Job go once in its life. */
function adviseOnSuspended(group: WaitGroup, objects: readonly HeldObject[]): Advice {
  const state = `${countHeld(objects)} suspended again after the operator let go`;
  return { state, needsAttention: true, steps: objects.slice(0, 1).map((object) => resume(group, object)) };
}

function resume({ metadata: { namespace = '' } }: WaitGroup, { name }: HeldObject): Step {
  const command = shell`kubectl patch job ${name} -n ${namespace} --type=merge -p ${'{"spec":{"suspend":false}}'}`;
  return { purpose: `if Job ${name} is to go on, resume it`, command };
}
