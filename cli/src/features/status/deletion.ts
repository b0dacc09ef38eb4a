// The advice on a WaitGroup that is being deleted: what blocks it.
import type { WaitGroup } from '@konductor/schema';
import { formatAge, secondsSince } from '../../output/age.ts';
import { type Advice, commandOn } from './advice.ts';

/** The controller of a finalizer needs some time. */
const PATIENCE_SECONDS = 60;

export function adviseOnDeletion(group: WaitGroup, now: Date): Advice {
  const { deletionTimestamp = '', finalizers = [] } = group.metadata;
  const state = `Terminating for ${formatAge(deletionTimestamp, now)}: add, done and wait treat it as deleted`;
  if (finalizers.length === 0) return { state, needsAttention: false, steps: [] };
  return {
    state: `${state}; blocked by ${finalizers.length > 1 ? 'finalizers' : 'finalizer'} ${finalizers.join(', ')}`,
    needsAttention: secondsSince(deletionTimestamp, now) > PATIENCE_SECONDS,
    steps: [
      {
        purpose: 'if the controller of the finalizer no longer runs',
        command: commandOn('kubectl patch waitgroup', group, ` --type=merge -p '{"metadata":{"finalizers":null}}'`),
      },
    ],
  };
}
