// The values that flags, arguments and variables take: each parser returns the value or throws one sentence on what to write.
import { isDnsLabel, MAX_COUNTER, MAX_TOTAL, parseDuration } from '@konductor/schema';
import { InvalidArgumentError } from 'commander';
import { oneLine } from '../process/log.ts';

/** A time limit, as written and as counted. */
export interface Timeout {
  readonly text: string;
  readonly ms: number;
}

/** As `-o name` prints them, and as kubectl's users write them. */
const NAME_PREFIX = /^(waitgroups?(\.konductor\.io)?|wg)\//;
const MAX_OPERATION_ID = 128;
const MAX_REASON = 512;
const NANOSECONDS_PER_MS = 1e6;

/** `--timeout`: a Go duration that is not negative. */
export function parseTimeout(text: string): Timeout {
  return { text, ms: Number(parsePositiveDuration(text)) / NANOSECONDS_PER_MS };
}

/** `--ttl`: the same, as it is written. */
export function parseTtl(text: string): string {
  parsePositiveDuration(text);
  return text;
}

function parsePositiveDuration(text: string): bigint {
  const duration = parseDuration(text);
  if (!duration.ok) throw new InvalidArgumentError(`${duration.message}.`);
  if (duration.nanoseconds < 0n) throw new InvalidArgumentError('It must not be negative.');
  return duration.nanoseconds;
}

/** `add --delta`: a whole number of the counter's size. */
export function parseDelta(text: string): number {
  const delta = parseInteger(text);
  if (Math.abs(delta) > MAX_COUNTER) throw new InvalidArgumentError(`The counter ends at ${MAX_COUNTER}.`);
  return delta;
}

/** `done --delta`: not negative. */
export function parseDoneDelta(text: string): number {
  const delta = parseDelta(text);
  if (delta < 0) throw new InvalidArgumentError('done only lowers the counter: raise it with add.');
  return delta;
}

/** `--initial-count`: what a counter can be. */
export function parseInitialCount(text: string): number {
  return parseUpTo(MAX_COUNTER, text);
}

/** `set --counter`: what a counter can be. */
export function parseCounter(text: string): number {
  return parseUpTo(MAX_COUNTER, text);
}

/** `set --reason`: a line for people. */
export function parseReason(text: string): string {
  const reason = oneLine(text);
  if (reason === '') throw new InvalidArgumentError('Say why, for those who will wonder.');
  if (reason.length > MAX_REASON) throw new InvalidArgumentError(`It must have at most ${MAX_REASON} characters.`);
  return reason;
}

/** `--min-added`: what a total can be. */
export function parseMinAdded(text: string): number {
  return parseUpTo(MAX_TOTAL, text);
}

function parseUpTo(maximum: number, text: string): number {
  const count = parseInteger(text);
  if (count < 0 || count > maximum) throw new InvalidArgumentError(`It must be from 0 to ${maximum}.`);
  return count;
}

function parseInteger(text: string): number {
  if (!/^[-+]?[0-9]+$/.test(text)) throw new InvalidArgumentError('Write a whole number in digits, like 5.');
  // Not -0, which the sign of zero would leave.
  return Number(text) + 0;
}

/** `--operation-id`: 1 to 128 characters. */
export function parseOperationId(text: string): string {
  if (text.length === 0 || text.length > MAX_OPERATION_ID)
    throw new InvalidArgumentError(`It must have 1 to ${MAX_OPERATION_ID} characters.`);
  return text;
}

/** A group's name, with or without its kind before a slash. */
export function parseName(text: string): string {
  const name = text.replace(NAME_PREFIX, '');
  if (!isDnsLabel(name))
    throw new InvalidArgumentError(
      `'${text}' is no name of a WaitGroup: it has 1 to 63 lower-case letters, digits and hyphens.`,
    );
  return name;
}

/** `--namespace`; an empty one means none, as in kubectl. */
export function parseNamespace(text: string): string {
  const namespace = withoutEqualsSign(text);
  if (namespace !== '' && !isDnsLabel(namespace))
    throw new InvalidArgumentError('A namespace has 1 to 63 lower-case letters, digits and hyphens.');
  return namespace;
}

/** `--label`: adds one key=value to those before it. */
export function parseLabel(text: string, previous: Readonly<Record<string, string>> = {}): Record<string, string> {
  const end = text.indexOf('=');
  if (end < 1) throw new InvalidArgumentError('Write it like key=value.');
  return { ...previous, [text.slice(0, end)]: text.slice(end + 1) };
}

/** kubectl's users write `-n=x`, which commander reads as the value `=x`. */
export function withoutEqualsSign(text: string): string {
  return text.replace(/^=/, '');
}
