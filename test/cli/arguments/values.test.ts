import { InvalidArgumentError } from 'commander';
import { describe, expect, it } from 'vitest';
import {
  parseCounter,
  parseDeadline,
  parseDelta,
  parseDoneDelta,
  parseLabel,
  parseMinAdded,
  parseName,
  parseNamespace,
  parseOperationId,
  parseReason,
  parseTimeout,
  parseTtl,
} from '../../../cli/src/arguments/values.ts';

type Parse = (text: string) => unknown;
const [longest, tooLong] = ['a'.repeat(63), 'a'.repeat(64)];
const timeout = (text: string, ms: number): [Parse, string, unknown] => [parseTimeout, text, { text, ms }];

describe('values of arguments', () => {
  it.each<[Parse, string, unknown]>([
    [parseDelta, '1', 1],
    [parseDelta, '0', 0],
    [parseDelta, '-0', 0],
    [parseDelta, '+5', 5],
    [parseDelta, '-3', -3],
    [parseDelta, '007', 7],
    [parseDelta, '2147483647', 2_147_483_647],
    [parseDelta, '-2147483647', -2_147_483_647],
    [parseDoneDelta, '0', 0],
    [parseDoneDelta, '4', 4],
    [parseCounter, '2147483647', 2_147_483_647],
    [parseMinAdded, '9007199254740991', Number.MAX_SAFE_INTEGER],
    [parseReason, ' worker-7\n\tis\x1b[31mgone ', 'worker-7 is [31mgone'],
    timeout('0', 0),
    timeout('10m', 600_000),
    timeout('1h30m', 5_400_000),
    timeout('1.5s', 1_500),
    timeout('1us', 0),
    timeout('2562047h', 2562047 * 3_600_000),
    [parseTtl, '1h', '1h'],
    [parseDeadline, '1.5h', '1.5h'],
    [parseName, 'batch-jobs', 'batch-jobs'],
    [parseName, '0', '0'],
    [parseName, longest, longest],
    [parseName, 'waitgroup.konductor.io/batch', 'batch'],
    [parseName, 'waitgroups.konductor.io/batch', 'batch'],
    [parseName, 'waitgroup/batch', 'batch'],
    [parseName, 'wg/batch', 'batch'],
    [parseNamespace, 'jobs', 'jobs'],
    [parseNamespace, '=jobs', 'jobs'],
    [parseNamespace, '', ''],
    [parseOperationId, 'x'.repeat(128), 'x'.repeat(128)],
  ])('%o reads %j as %j', (parse, text, value) => {
    expect(parse(text)).toEqual(value);
  });

  it('collect labels with any values', () => {
    expect(parseLabel('b=c=d', parseLabel('a='))).toEqual({ a: '', b: 'c=d' });
  });

  const notWhole = ['', ' ', ' 5', '5 ', '1e3', '0x10', '1.5', '1.', '--3', '+', '-', 'five', '1_000', '１', 'NaN'];
  // An empty name would be the path of the collection: deleting it deletes every WaitGroup.
  const noNames = ['', 'wg/', '.', '..', 'a/b', 'pod/batch', 'Batch', '-a', 'a-', 'a.b', tooLong, 'a\n'];
  it.each<[Parse, RegExp, string[]]>([
    [parseDelta, /whole number/, [...notWhole, 'Infinity']],
    [parseDelta, /from -2147483647 to 2147483647/, ['2147483648', '-2147483648', '9007199254740993', '9'.repeat(400)]],
    [parseDoneDelta, /use add to raise it/, ['-1']],
    [parseCounter, /from 0 to 2147483647/, ['-1', '2147483648']],
    [parseMinAdded, /from 0 to 9007199254740991/, ['-1', '9007199254740993']],
    [parseReason, /must not be empty/, ['', ' \n']],
    [parseReason, /at most 512/, ['x'.repeat(513)]],
    [parseTimeout, /is not a valid duration/, ['', '10', '1d', 'soon']],
    [parseTimeout, /negative/, ['-1s']],
    [parseTimeout, /too long/, ['2562048h']],
    [parseTtl, /negative/, ['-1h']],
    [parseDeadline, /longer than 0, such as 2h/, ['0', '0s', '-0s']],
    [parseDeadline, /negative/, ['-1h']],
    [parseName, /invalid WaitGroup name/, noNames],
    [parseNamespace, /It must have 1 to 63/, ['..', 'a/b', 'Jobs']],
    [parseLabel, /key=value/, ['', 'a', '=b']],
    [parseOperationId, /1 to 128 printable ASCII characters/, ['', 'x'.repeat(129), 'ü', 'a\nb']],
  ])('%o rejects, by %s, each of %j', (parse, says, texts) => {
    for (const text of texts) {
      expect(() => parse(text)).toThrow(InvalidArgumentError);
      expect(() => parse(text)).toThrow(says);
    }
  });
});
