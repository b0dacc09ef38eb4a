// The advice on a WaitGroup whose workers have finished more work than was added.
import { currentStatus, type WaitGroup } from '@konductor/schema';
import { commandOn } from '../../output/command-line.ts';
import type { Advice } from './advice.ts';

export function adviseOnOverrun(group: WaitGroup): Advice | undefined {
  const overrun = currentStatus(group).conditions?.find(({ type }) => type === 'Overrun');
  if (overrun?.status !== 'True') return undefined;
  const purpose = 'if the work of these workers was never added, add it';
  const steps = [{ purpose, command: commandOn('koncli waitgroup add', group.metadata) }];
  return { state: `overrun: ${overrun.message}`, needsAttention: true, steps };
}
