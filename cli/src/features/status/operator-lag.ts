// The advice on a WaitGroup that the operator has left alone for too long. Without a TTL and a deadline it needs no operator.
import type { WaitGroup } from '@konductor/schema';
import { commandOn } from '../../output/command-line.ts';
import { describeLag } from '../doctor/operator-lag.ts';
import type { Advice } from './advice.ts';

export function adviseOnOperator(group: WaitGroup, now: Date): Advice | undefined {
  const { ttl, deadline } = group.spec ?? {};
  const state = ttl === undefined && deadline === undefined ? undefined : describeLag(group, now);
  if (state === undefined) return undefined;
  const command = commandOn('koncli doctor', group.metadata);
  return { state, needsAttention: true, steps: [{ purpose: 'check whether the operator is running', command }] };
}
