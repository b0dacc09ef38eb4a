// What is said of a group that is being deleted: what keeps it.
import type { WaitGroup } from '@konductor/schema';
import { formatAge, secondsSince } from '../output/age.ts';
import { type Advice, commandOn } from './advice.ts';

/** Whoever has put a finalizer on it needs a moment. */
const PATIENCE_SECONDS = 60;

export function adviseOnDeletion(group: WaitGroup, now: Date): Advice {
  const { deletionTimestamp = '', finalizers = [] } = group.metadata;
  const state = `Being deleted for ${formatAge(deletionTimestamp, now)}: to those who count or wait it is gone`;
  if (finalizers.length === 0) return { state, needsAttention: false, steps: [] };
  return {
    state: `${state}; held by ${finalizers.length > 1 ? 'finalizers' : 'finalizer'} ${finalizers.join(', ')}`,
    needsAttention: secondsSince(deletionTimestamp, now) > PATIENCE_SECONDS,
    steps: [
      {
        purpose: 'if what should remove the finalizer does not run any more',
        command: commandOn('kubectl patch waitgroup', group, ` --type=merge -p '{"metadata":{"finalizers":null}}'`),
      },
    ],
  };
}
