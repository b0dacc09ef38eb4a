// Rejects arguments that are not UTF-8: the runtime replaces their invalid bytes by U+FFFD, and a file name would mean another
// file.
import { readFileSync } from 'node:fs';
import { EXIT_CODE } from '../../process/exit-code.ts';
import { CommandError, NOTHING } from './errors.ts';

const REPLACEMENT = '\uFFFD';

/** Throws CommandError. `words` are koncli's last arguments. */
export function requireUtf8(words: readonly string[], readCommandLine = ownCommandLine): void {
  if (!words.some((word) => word.includes(REPLACEMENT))) return;
  const given = splitAtNul(readCommandLine()).slice(-words.length);
  const position = given.findIndex((bytes) => !isUtf8(bytes));
  if (position < 0) return;
  const which = position === 0 ? 'the command' : `argument ${position} of the command`;
  const problem = `${which} is not valid UTF-8 (${JSON.stringify(words[position])}) and would be changed`;
  throw new CommandError(EXIT_CODE.error, problem, { consequence: NOTHING });
}

/** Empty without /proc: then U+FFFD is accepted. */
function ownCommandLine(): Uint8Array {
  try {
    return readFileSync('/proc/self/cmdline');
  } catch {
    return new Uint8Array();
  }
}

function splitAtNul(bytes: Uint8Array): readonly Uint8Array[] {
  const words: Uint8Array[] = [];
  for (let start = 0, end = bytes.indexOf(0); end >= 0; start = end + 1, end = bytes.indexOf(0, start))
    words.push(bytes.subarray(start, end));
  return words;
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}
