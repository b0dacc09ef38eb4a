// Times as props take them, a Duration of cdk8s or text, and as Go writes them, which is how the API server and koncli read
// them.
import { formatDuration, parseDuration } from '@konductor/schema';
import type { Duration } from 'cdk8s';
import { type Rule, shown } from './rules.ts';

const NANOSECONDS_PER_MILLISECOND = 1_000_000;

export const checkTtl: Rule = (ttl, what) => checkDuration(ttl, what, 'write 0s to have it deleted at once');
export const checkTimeout: Rule = (timeout, what) => checkDuration(timeout, what, 'write 0s to look once');

/** Of one that was checked. */
export function durationText(duration: Duration | string): string {
  return typeof duration === 'string' ? duration : formatDuration(nanosecondsOf(duration));
}

/** `ifZero` is what zero would be good for. */
function checkDuration(value: unknown, what: string, ifZero: string): void {
  if (!isDuration(value)) throw new Error(`${what} is ${shown(value)}: write it like 1h30m, or a Duration`);
  const text = durationText(value);
  const parsed = parseDuration(text);
  if (!parsed.ok) throw new Error(`${what} ${parsed.message}`);
  if (parsed.nanoseconds < 0n) throw new Error(`${what} "${text}" is negative; ${ifZero}`);
}

function isDuration(value: unknown): value is Duration | string {
  if (typeof value === 'string') return true;
  const milliseconds = (value as Partial<Duration> | null | undefined)?.toMilliseconds;
  return typeof milliseconds === 'function' && Number.isFinite(milliseconds.call(value, { integral: false }));
}

function nanosecondsOf(duration: Duration): bigint {
  return BigInt(Math.round(duration.toMilliseconds({ integral: false }) * NANOSECONDS_PER_MILLISECOND));
}
