import { InvalidArgumentError } from 'commander';
import { describe, expect, it } from 'vitest';
import {
  parseCounter,
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

const rejected = (parse: () => unknown, says: RegExp) => {
  expect(parse).toThrow(InvalidArgumentError);
  expect(parse).toThrow(says);
};

describe('parseDelta', () => {
  it.each([
    ['1', 1],
    ['0', 0],
    ['-0', 0],
    ['+5', 5],
    ['-3', -3],
    ['007', 7],
    ['2147483647', 2_147_483_647],
    ['-2147483647', -2_147_483_647],
  ])('reads %s as %d', (text, delta) => {
    expect(Object.is(parseDelta(text), delta)).toBe(true);
  });

  it.each(['', ' ', ' 5', '5 ', '1e3', '0x10', '1.5', '1.', '--3', '+', '-', 'five', '1_000', '１', 'NaN', 'Infinity'])(
    'rejects %j',
    (text) => rejected(() => parseDelta(text), /whole number/),
  );

  it.each(['2147483648', '-2147483648', '9007199254740993', '9'.repeat(400)])(
    'rejects %s, beyond the counter',
    (text) => rejected(() => parseDelta(text), /from -2147483647 to 2147483647/),
  );
});

describe('parseDoneDelta', () => {
  it('accepts zero and more', () => {
    expect([parseDoneDelta('0'), parseDoneDelta('4')]).toEqual([0, 4]);
  });

  it('rejects a negative amount and names add', () => rejected(() => parseDoneDelta('-1'), /use add to raise it/));
});

describe('counts', () => {
  it('accept values in range', () => {
    expect(parseCounter('2147483647')).toBe(2_147_483_647);
    expect(parseMinAdded('9007199254740991')).toBe(Number.MAX_SAFE_INTEGER);
  });

  it.each(['-1', '2147483648'])('reject a counter of %s', (text) => {
    rejected(() => parseCounter(text), /from 0 to 2147483647/);
  });

  it.each(['-1', '9007199254740993'])('reject a minimum total of %s', (text) =>
    rejected(() => parseMinAdded(text), /from 0 to 9007199254740991/),
  );
});

describe('parseReason', () => {
  it('joins lines', () => {
    expect(parseReason(' worker-7\n\tis \x1b[31mgone ')).toBe('worker-7 is [31mgone');
  });

  it.each([
    ['', /must not be empty/],
    [' \n', /must not be empty/],
    ['x'.repeat(513), /at most 512/],
  ])('rejects %j', (text, says) => rejected(() => parseReason(text), says));
});

describe('parseTimeout', () => {
  it.each([
    ['0', 0],
    ['10m', 600_000],
    ['1h30m', 5_400_000],
    ['1.5s', 1_500],
    ['1us', 0.001],
    ['2562047h', 2562047 * 3_600_000],
  ])('reads %s as %d ms and keeps its text', (text, ms) => {
    expect(parseTimeout(text)).toEqual({ text, ms });
  });

  it.each(['', '10', '1d', 'soon'])('rejects %j', (text) =>
    rejected(() => parseTimeout(text), /is not a valid duration/),
  );
  it('rejects a negative duration', () => rejected(() => parseTimeout('-1s'), /negative/));
  it('rejects a duration that Go cannot hold', () => rejected(() => parseTimeout('2562048h'), /too long/));
});

describe('parseTtl', () => {
  it('keeps the text as it was written', () => {
    expect(parseTtl('1h')).toBe('1h');
  });

  it('rejects what the CRD rejects', () => rejected(() => parseTtl('-1h'), /negative/));
});

describe('parseName', () => {
  it.each([
    ['batch-jobs', 'batch-jobs'],
    ['0', '0'],
    ['a'.repeat(63), 'a'.repeat(63)],
    ['waitgroup.konductor.io/batch', 'batch'],
    ['waitgroups.konductor.io/batch', 'batch'],
    ['waitgroup/batch', 'batch'],
    ['wg/batch', 'batch'],
  ])('reads %s as %s', (text, name) => {
    expect(parseName(text)).toBe(name);
  });

  // An empty name would be the path of the collection: deleting it deletes every WaitGroup.
  it.each(['', 'wg/', '.', '..', 'a/b', 'pod/batch', 'Batch', '-a', 'a-', 'a.b', 'a'.repeat(64), 'a\n'])(
    'rejects %j',
    (text) => rejected(() => parseName(text), /invalid WaitGroup name/),
  );
});

describe('parseNamespace', () => {
  it.each([
    ['jobs', 'jobs'],
    ['=jobs', 'jobs'],
    ['', ''],
  ])('reads %j as %j', (text, namespace) => {
    expect(parseNamespace(text)).toBe(namespace);
  });

  it.each(['..', 'a/b', 'Jobs'])('rejects %s', (text) => rejected(() => parseNamespace(text), /It must have 1 to 63/));
});

describe('parseLabel', () => {
  it('collects labels with any values', () => {
    expect(parseLabel('b=c=d', parseLabel('a='))).toEqual({ a: '', b: 'c=d' });
  });

  it.each(['', 'a', '=b'])('rejects %j', (text) => rejected(() => parseLabel(text), /key=value/));
});

describe('parseOperationId', () => {
  it('accepts 1 to 128 characters', () => {
    expect(parseOperationId('x'.repeat(128))).toHaveLength(128);
  });

  it.each(['', 'x'.repeat(129)])('rejects %j', (text) => rejected(() => parseOperationId(text), /1 to 128 characters/));
});
