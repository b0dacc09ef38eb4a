import { MAX_REASON } from '@konductor/schema';
import { InvalidArgumentError } from 'commander';
import { describe, expect, it } from 'vitest';
import { parseFailDelta, parseFailureReason, parseMessage } from '../../../cli/src/arguments/failure-values.ts';

type Parse = (text: string) => unknown;
const longest = 'x'.repeat(MAX_REASON);
const long = 'x'.repeat(5_000);

describe('values of fail', () => {
  it.each<[Parse, string, unknown]>([
    [parseMessage, ' no space left ', 'no space left'],
    [parseMessage, 'two\nlines', 'two\nlines'],
    [parseMessage, long, long],
    [parseMessage, 'Platte voll 💾', 'Platte voll 💾'],
    [parseFailureReason, 'DiskFull', 'DiskFull'],
    [parseFailureReason, longest, longest],
    [parseFailDelta, '0', 0],
    [parseFailDelta, '3', 3],
  ])('%o reads %j as %j', (parse, text, value) => {
    expect(parse(text)).toEqual(value);
  });

  it.each<[Parse, RegExp, string[]]>([
    [parseMessage, /must not be empty/, ['', ' ', '\n\t', '\x1b', '\u202e']],
    [
      parseFailureReason,
      /one CamelCase word .* such as DiskFull/,
      ['', 'disk full', 'disk-full', '7', 'Ü', `${longest}x`],
    ],
    [parseFailDelta, /give 0/, ['-1']],
    [parseFailDelta, /from -2147483647 to 2147483647/, ['2147483648']],
    [parseFailDelta, /whole number/, ['1.5', '']],
  ])('%o rejects, by %s, each of %j', (parse, says, texts) => {
    for (const text of texts) {
      expect(() => parse(text)).toThrow(InvalidArgumentError);
      expect(() => parse(text)).toThrow(says);
    }
  });
});
