// What names, counts and durations must be wherever a construct takes them: each rule throws a sentence that says how to
// mend the prop.
import { inspect } from 'node:util';
import { formatDuration, parseDuration } from '@konductor/schema';
import type { Duration } from 'cdk8s';
import type { Construct } from 'constructs';

const DNS_LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const DNS_SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const MAX_SUBDOMAIN = 253;
/** Of an int32, as which the API server counts. */
const MAX_COUNT = 2 ** 31 - 1;
const IMAGE_EXAMPLE = 'registry.example.com/koncli:0.1.0';
const NANOSECONDS_PER_MILLISECOND = 1_000_000n;

/** Has what a check throws begin with the construct that it is about. */
export function inProps<T>(kind: string, { node }: Construct, check: () => T): T {
  try {
    return check();
  } catch (error) {
    throw new Error(`${kind} ${node.path}: ${(error as Error).message}`, { cause: error });
  }
}

/** What a prop is that has not the type it should have, for messages. */
export function shown(value: unknown): string {
  if (value === undefined) return 'missing';
  return typeof value === 'string' ? JSON.stringify(value) : inspect(value, { depth: -1 });
}

/** Plain JavaScript gives lists that are none. */
export function checkList(list: readonly unknown[], what: string): void {
  if (!Array.isArray(list)) throw new Error(`${what} is ${shown(list)}: write a list`);
}

function checkIsText(text: string, what: string): void {
  if (typeof text !== 'string') throw new Error(`${what} is ${shown(text)}: write text`);
}

/** `what` is what the name is of, as "the name". */
export function checkName(name: string, what: string): void {
  checkIsText(name, what);
  if (!DNS_LABEL.test(name))
    throw new Error(
      `${what} "${name}" is no DNS label: write 1 to 63 lower-case letters, digits and hyphens, with no hyphen at either end`,
    );
}

/** Of a Secret or a PriorityClass, whose names may have dots. */
export function checkReference(name: string, what: string, kind: string): void {
  if (name.length > MAX_SUBDOMAIN || !DNS_SUBDOMAIN.test(name))
    throw new Error(
      `${what} has "${name}", which names no ${kind}: write lower-case letters, digits, hyphens and dots, ${MAX_SUBDOMAIN} at most`,
    );
}

/** Names of Secrets. */
export function checkSecretNames(names: readonly string[], what: string): void {
  checkList(names, what);
  for (const name of names) checkReference(name, what, 'Secret');
}

/** What a registry's name for an image cannot have in it, the API server takes, and no kubelet can pull. */
export function checkImage(image: string, what: string): void {
  checkText(image, what);
  if (/\s/.test(image))
    throw new Error(`${what} is "${image}", which has blanks in it: write it like ${IMAGE_EXAMPLE}`);
}

/** A command or an image, which must be something. */
export function checkText(text: string, what: string): void {
  checkIsText(text, what);
  if (text.trim() === '') throw new Error(`${what} is empty: say which`);
}

/** A whole number that is not below the least, and that the API server can store. */
export function checkCount(count: number, what: string, least = 0): void {
  if (!Number.isInteger(count) || count < least)
    throw new Error(`${what} is ${shown(count)}: write a whole number that is ${least} or more`);
  if (count > MAX_COUNT) throw new Error(`${what} is ${count}: write ${MAX_COUNT} at most`);
}

/** As Go writes it; `ifZero` is what zero would be good for. */
export function durationText(duration: Duration | string, what: string, ifZero: string): string {
  if (typeof duration !== 'string' && typeof duration?.toMilliseconds !== 'function')
    throw new Error(`${what} is ${shown(duration)}: write it like 1h30m, or a Duration`);
  const text = typeof duration === 'string' ? duration : goDuration(duration);
  const parsed = parseDuration(text);
  if (!parsed.ok) throw new Error(`${what} ${parsed.message}`);
  if (parsed.nanoseconds < 0n) throw new Error(`${what} "${text}" is negative; ${ifZero}`);
  return text;
}

function goDuration(duration: Duration): string {
  return formatDuration(BigInt(duration.toMilliseconds()) * NANOSECONDS_PER_MILLISECOND);
}

/** For `koncli waitgroup wait --timeout`. */
export function timeoutText(timeout: Duration | string): string {
  return durationText(timeout, 'timeout', 'write 0s to look once');
}
