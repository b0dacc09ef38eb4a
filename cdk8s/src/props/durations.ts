// Durations as props take them: a Duration of cdk8s, or text in Go's format, which the API server and koncli read.
import { formatDuration, parseDuration } from '@konductor/schema';
import type { Duration } from 'cdk8s';
import type { Rule } from './check-props.ts';
import { shown } from './rules.ts';

const NANOSECONDS_PER_MILLISECOND = 1_000_000;

export const checkTtl = durationRule(0n, 'is negative; use 0s to delete it immediately');
export const checkTimeout = durationRule(0n, 'is negative; use 0s to check once');
export const checkDeadline = durationRule(1n, 'is not above zero; leave it out for no deadline');
export const checkAlertAfter = durationRule(1n, 'is not above zero; leave it out for 24h');

/** The text of a checked duration. */
export function durationText(duration: Duration | string): string {
  return typeof duration === 'string' ? duration : formatDuration(nanosecondsOf(duration));
}

/** The seconds of a checked duration. */
export function durationSeconds(duration: Duration | string): number {
  const parsed = parseDuration(durationText(duration));
  return parsed.ok ? Number(parsed.nanoseconds) / 1e9 : Number.NaN;
}

/** `ifShorter` says what is wrong with fewer nanoseconds. */
function durationRule(least: bigint, ifShorter: string): Rule {
  return (value, what) => {
    if (!isDuration(value))
      throw new Error(`${what} is ${shown(value)}; write it like 1h30m, or pass a Duration of cdk8s`);
    const text = durationText(value);
    const parsed = parseDuration(text);
    if (!parsed.ok) throw new Error(`${what} ${parsed.message}`);
    if (parsed.nanoseconds < least) throw new Error(`${what} "${text}" ${ifShorter}`);
  };
}

/** Checks the method, because a project may have several versions of cdk8s. */
function isDuration(value: unknown): value is Duration | string {
  return typeof value === 'string' || typeof (value as Duration | null | undefined)?.toMilliseconds === 'function';
}

function nanosecondsOf(duration: Duration): bigint {
  return BigInt(Math.round(duration.toMilliseconds({ integral: false }) * NANOSECONDS_PER_MILLISECOND));
}
