// The TTL and the deadline of a WaitGroup in words.
import { deadlineOf, expiryOf, type TimeLimit, type WaitGroup } from '@konductor/schema';
import { formatSeconds } from '../../output/age.ts';
import { PATIENCE_SECONDS } from '../doctor/operator-lag.ts';

/** Empty without a TTL that runs, and where the operator is late, which other advice says. */
export function describeExpiry(group: WaitGroup, now: Date): string {
  const left = secondsLeft(expiryOf(group), now);
  if (left === undefined) return '';
  if (left > 0) return `; TTL expires in ${formatSeconds(left)}`;
  return left < -PATIENCE_SECONDS ? '' : '; TTL expired, about to be deleted';
}

/** The same for the deadline. */
export function describeDeadline(group: WaitGroup, now: Date): string {
  const left = secondsLeft(deadlineOf(group), now);
  if (left === undefined) return '';
  if (left > 0) return `; fails in ${formatSeconds(left)} unless done`;
  return left < -PATIENCE_SECONDS ? '' : '; deadline expired, about to fail';
}

function secondsLeft(limit: TimeLimit | undefined, now: Date): number | undefined {
  return limit && Math.ceil((limit.startMs + limit.durationMs - now.getTime()) / 1000);
}
