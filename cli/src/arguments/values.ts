// The values of flags, arguments and variables: each parser returns the value or throws one sentence on what is valid.
import { isDnsLabel, MAX_COUNTER, MAX_OPERATION_ID, MAX_TOTAL, PRINTABLE, parseDuration } from '@konductor/schema';
import { InvalidArgumentError } from 'commander';
import { oneLine } from '../process/lines.ts';

/** A time limit, as written and in milliseconds. */
export interface Timeout {
  readonly text: string;
  readonly ms: number;
}

/** The kind before a name, as `-o name` prints it and kubectl accepts it. */
const NAME_PREFIX = /^(waitgroups?(\.konductor\.io)?|wg)\//;
const MAX_REPAIR_REASON = 512;
const NANOSECONDS_PER_MS = 1e6;

/** `--timeout`: a Go duration that is not negative; less than half a millisecond counts as zero. */
export function parseTimeout(text: string): Timeout {
  return { text, ms: Math.round(Number(parsePositiveDuration(text)) / NANOSECONDS_PER_MS) };
}

/** `--ttl`: the same, kept as it is written. */
export function parseTtl(text: string): string {
  parsePositiveDuration(text);
  return text;
}

/** `--deadline`: longer than zero, kept as it is written. */
export function parseDeadline(text: string): string {
  if (parsePositiveDuration(text) === 0n) throw new InvalidArgumentError('It must be longer than 0, such as 2h.');
  return text;
}

function parsePositiveDuration(text: string): bigint {
  const duration = parseDuration(text);
  if (!duration.ok) throw new InvalidArgumentError(`${duration.message}.`);
  if (duration.nanoseconds < 0n) throw new InvalidArgumentError('It must not be negative.');
  return duration.nanoseconds;
}

/** `add --delta`: an integer that the counter can hold, or its negative. */
export function parseDelta(text: string): number {
  const delta = parseInteger(text);
  if (Math.abs(delta) > MAX_COUNTER)
    throw new InvalidArgumentError(`It must be from -${MAX_COUNTER} to ${MAX_COUNTER}.`);
  return delta;
}

/** `done --delta`: not negative. */
export function parseDoneDelta(text: string): number {
  const delta = parseDelta(text);
  if (delta < 0) throw new InvalidArgumentError('done only lowers the counter; use add to raise it.');
  return delta;
}

/** `--initial-count` and `set --counter`: a value of the counter. */
export function parseCounter(text: string): number {
  return parseUpTo(MAX_COUNTER, text);
}

/** `set --reason`: one line of text. */
export function parseReason(text: string): string {
  const reason = oneLine(text).trim();
  if (reason === '') throw new InvalidArgumentError('It must not be empty.');
  if (reason.length > MAX_REPAIR_REASON)
    throw new InvalidArgumentError(`It must have at most ${MAX_REPAIR_REASON} characters.`);
  return reason;
}

/** `--min-added`: a value of the total. */
export function parseMinAdded(text: string): number {
  return parseUpTo(MAX_TOTAL, text);
}

function parseUpTo(maximum: number, text: string): number {
  const count = parseInteger(text);
  if (count < 0 || count > maximum) throw new InvalidArgumentError(`It must be from 0 to ${maximum}.`);
  return count;
}

function parseInteger(text: string): number {
  if (!/^[-+]?[0-9]+$/.test(text)) throw new InvalidArgumentError('It must be a whole number, such as 5.');
  // Turns -0 into 0.
  return Number(text) + 0;
}

/** `--operation-id`: 1 to 128 printable ASCII characters. */
export function parseOperationId(text: string): string {
  if (text.length === 0 || text.length > MAX_OPERATION_ID || !PRINTABLE.test(text))
    throw new InvalidArgumentError(`It must have 1 to ${MAX_OPERATION_ID} printable ASCII characters.`);
  return text;
}

/** What a DNS label must have. */
export const LABEL_RULE = '1 to 63 lowercase letters, digits or hyphens, with a letter or digit at either end';

/** A WaitGroup's name, with or without its kind and a slash before it. */
export function parseName(text: string): string {
  const name = withoutKind(text);
  if (!isDnsLabel(name))
    throw new InvalidArgumentError(`invalid WaitGroup name '${text}': it must have ${LABEL_RULE}.`);
  return name;
}

/** Removes the kind and a slash before the name. */
export function withoutKind(text: string): string {
  return text.replace(NAME_PREFIX, '');
}

/** `--namespace`; an empty one counts as absent, as in kubectl. */
export function parseNamespace(text: string): string {
  const namespace = withoutEqualsSign(text);
  if (namespace !== '' && !isDnsLabel(namespace)) throw new InvalidArgumentError(`It must have ${LABEL_RULE}.`);
  return namespace;
}

/** `--label`: adds one key=value to the labels before it. */
export function parseLabel(text: string, previous: Readonly<Record<string, string>> = {}): Record<string, string> {
  const end = text.indexOf('=');
  if (end < 1) throw new InvalidArgumentError('It must have the form key=value.');
  return { ...previous, [text.slice(0, end)]: text.slice(end + 1) };
}

/** Removes the equals sign of `-n=x`, which kubectl accepts and commander reads as the value `=x`. */
export function withoutEqualsSign(text: string): string {
  return text.replace(/^=/, '');
}
