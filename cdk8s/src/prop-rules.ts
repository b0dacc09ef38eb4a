// What names, counts and durations must be wherever a construct takes them: each rule throws a sentence that says how to
// mend the prop.
import { formatDuration, parseDuration } from '@konductor/schema';
import type { Duration } from 'cdk8s';
import type { Construct } from 'constructs';

const DNS_LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const DNS_SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const MAX_SUBDOMAIN = 253;
const NANOSECONDS_PER_MILLISECOND = 1_000_000n;

/** Has what a check throws begin with the construct that it is about. */
export function inProps<T>(kind: string, { node }: Construct, check: () => T): T {
  try {
    return check();
  } catch (error) {
    throw new Error(`${kind} ${node.path}: ${(error as Error).message}`, { cause: error });
  }
}

/** `what` is what the name is of, as "the name". */
export function checkName(name: string, what: string): void {
  if (!DNS_LABEL.test(name))
    throw new Error(
      `${what} "${name}" is no DNS label: write 1 to 63 lower-case letters, digits and hyphens, with no hyphen at either end`,
    );
}

/** Names of Secrets, which may have dots. */
export function checkSecretNames(names: readonly string[], what: string): void {
  for (const name of names)
    if (name.length > MAX_SUBDOMAIN || !DNS_SUBDOMAIN.test(name))
      throw new Error(
        `${what} has "${name}", which names no Secret: write lower-case letters, digits, hyphens and dots, ${MAX_SUBDOMAIN} at most`,
      );
}

/** A command or an image, which must be something. */
export function checkText(text: string, what: string): void {
  if (text.trim() === '') throw new Error(`${what} is empty: say which`);
}

/** A whole number that is not below the least. */
export function checkCount(count: number, what: string, least = 0): void {
  if (!Number.isSafeInteger(count) || count < least)
    throw new Error(`${what} is ${count}: write a whole number that is ${least} or more`);
}

/** As Go writes it; `ifZero` is what zero would be good for. */
export function durationText(duration: Duration | string, what: string, ifZero: string): string {
  if (typeof duration !== 'string')
    return formatDuration(BigInt(duration.toMilliseconds()) * NANOSECONDS_PER_MILLISECOND);
  const parsed = parseDuration(duration);
  if (!parsed.ok) throw new Error(`${what} ${parsed.message}`);
  if (parsed.nanoseconds < 0n) throw new Error(`${what} "${duration}" is negative; ${ifZero}`);
  return duration;
}

/** For `koncli waitgroup wait --timeout`. */
export function timeoutText(timeout: Duration | string): string {
  return durationText(timeout, 'timeout', 'write 0s to look once');
}
