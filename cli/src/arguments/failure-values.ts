// The values of the flags of fail.
import { MAX_REASON, REASON } from '@konductor/schema';
import { InvalidArgumentError } from 'commander';
import { oneLine } from '../process/lines.ts';
import { parseDelta } from './values.ts';

/** `fail --message`: any text with a visible character; a WaitGroup keeps its first 1,024 characters. */
export function parseMessage(text: string): string {
  if (oneLine(text).trim() === '') throw new InvalidArgumentError('It must not be empty.');
  return text.trim();
}

/** `fail --reason`: the form that Kubernetes gives to reasons. */
export function parseFailureReason(text: string): string {
  if (text.length > MAX_REASON || !REASON.test(text))
    throw new InvalidArgumentError(
      `It must be one CamelCase word of at most ${MAX_REASON} characters, such as DiskFull; put the details into --message.`,
    );
  return text;
}

/** `fail --delta`: not negative. */
export function parseFailDelta(text: string): number {
  const delta = parseDelta(text);
  if (delta < 0) throw new InvalidArgumentError('fail never raises the counter: give 0 to leave it as it is.');
  return delta;
}
