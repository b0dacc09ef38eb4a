// The parser is fed valid responses in any pieces, and responses with any bytes changed; the seed is printed when one fails.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ResponseParser } from '../../../../client/src/http/bun/response-parser.ts';
import type { HttpHead } from '../../../../client/src/http/request.ts';

const OK = 'HTTP/1.1 200 OK\r\n';
const CHUNKED = `${OK}transfer-encoding: chunked\r\n\r\n`;

interface Parsed {
  readonly head: HttpHead | undefined;
  readonly body: string;
  /** Undefined: the response is not complete. */
  readonly isReusable: boolean | undefined;
}

/** Throws what the parser throws. `isClosed`: the connection ends after the last piece. */
function parse(pieces: readonly Buffer[], isClosed = false): Parsed {
  let head: HttpHead | undefined;
  let isReusable: boolean | undefined;
  const parts: Buffer[] = [];
  const parser = new ResponseParser({
    onHead: (received) => {
      if (head) throw new Error('a second head');
      head = received;
    },
    onBody: (part) => parts.push(part),
    onEnd: (reusable) => {
      if (isReusable !== undefined) throw new Error('a second end');
      isReusable = reusable;
    },
  });
  for (const piece of pieces) parser.feed(piece);
  if (isClosed) parser.finish();
  return { head, body: Buffer.concat(parts).toString('latin1'), isReusable };
}

const bytes = (text: string) => Buffer.from(text, 'latin1');
const parseText = (text: string, isClosed?: boolean) => parse([bytes(text)], isClosed);

function split(text: string, cuts: readonly number[]): Buffer[] {
  const places = [...new Set(cuts.map((cut) => cut % (text.length + 1)))].sort((a, b) => a - b);
  return [...places, text.length].map((end, index) => bytes(text.slice(places[index - 1] ?? 0, end)));
}

const binary = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array).toString('latin1'));
const word = fc.stringMatching(/^[a-z0-9]{1,8}$/);
const fields = fc.array(fc.tuple(word, fc.stringMatching(/^[ -~]{0,20}$/)), { maxLength: 4 });
const lines = (list: readonly (readonly [string, string])[]) =>
  list.map(([name, value]) => `x-${name}:${value}\r\n`).join('');

interface Response {
  readonly text: string;
  readonly body: string;
  readonly isClosed: boolean;
}

const inChunks = fc
  .tuple(fc.array(binary.filter(Boolean), { maxLength: 5 }), fields, fc.option(word, { nil: '' }))
  .map(([chunks, trailers, extension]) => ({
    headers: 'Transfer-Encoding: Chunked\r\n',
    sent: `${[...chunks, ''].map((chunk) => `${chunk.length.toString(16)}${extension && ` ;${extension}`}\r\n${chunk && `${chunk}\r\n`}`).join('')}${lines(trailers)}\r\n`,
    body: chunks.join(''),
    isClosed: false,
  }));
const byLength = binary.map((body) => ({
  headers: `content-length: ${body.length}\r\n`,
  sent: body,
  body,
  isClosed: false,
}));
const untilClose = binary.map((body) => ({ headers: '', sent: body, body, isClosed: true }));
const response: fc.Arbitrary<Response> = fc
  .tuple(fc.oneof(inChunks, byLength, untilClose), fields, fc.integer({ min: 0, max: 2 }))
  .map(([{ headers, sent, ...rest }, others, interim]) => ({
    text: `${'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n'.repeat(interim)}${OK}${lines(others)}${headers}\r\n${sent}`,
    ...rest,
  }));
const cuts = fc.array(fc.nat(), { maxLength: 20 });

describe('ResponseParser', () => {
  it('reads a valid response, in whatever pieces it comes', () => {
    fc.assert(
      fc.property(response, cuts, ({ text, body, isClosed }, at) => {
        const parsed = parse(split(text, at), isClosed);
        expect(parsed).toMatchObject({ head: { code: 200 }, body, isReusable: !isClosed });
      }),
      { numRuns: 2_000 },
    );
  });

  it('ends with any bytes changed, and finds no more than was sent, in whatever pieces it comes', () => {
    const tokens = fc.constantFrom(
      '-5',
      '\r\n',
      '\n',
      '0',
      'zz',
      ':',
      'content-length: 3\r\n',
      '\0',
      'ffffffffff',
      ' ',
    );
    const change = fc.tuple(fc.nat(), fc.nat({ max: 3 }), fc.oneof(tokens, binary));
    const attempt = (pieces: readonly Buffer[], isClosed: boolean) => {
      try {
        return parse(pieces, isClosed);
      } catch (error) {
        return String(error);
      }
    };
    fc.assert(
      fc.property(
        response,
        fc.array(change, { minLength: 1, maxLength: 4 }),
        cuts,
        ({ text, isClosed }, changes, at) => {
          let changed = text;
          for (const [place, removed, added] of changes) {
            const start = place % (changed.length + 1);
            changed = changed.slice(0, start) + added + changed.slice(start + removed);
          }
          const whole = attempt([bytes(changed)], isClosed);
          // An error may come before or after a part of the body; what it is does not depend on the pieces.
          expect(attempt(split(changed, at), isClosed)).toEqual(whole);
          if (typeof whole === 'object') expect(whole.body.length).toBeLessThanOrEqual(changed.length);
        },
      ),
      { numRuns: 5_000 },
    );
  });

  it.each([
    ['a negative chunk size', `${CHUNKED}-5\r\nabc\r\n0\r\n\r\n`],
    ['a chunk size that is not hexadecimal', `${CHUNKED}zz\r\nabc\r\n0\r\n\r\n`],
    ['an empty chunk size', `${CHUNKED}\r\n`],
    ['a chunk size with a sign', `${CHUNKED}+5\r\n`],
    ['a chunk size with a prefix', `${CHUNKED}0x5\r\n`],
    ['a huge chunk size', `${CHUNKED}fffffffff\r\n`],
    ['a chunk that is longer than its size', `${CHUNKED}1\r\nabc\r\n0\r\n\r\n`],
    ['a trailer that is no header', `${CHUNKED}0\r\nnonsense\r\n\r\n`],
    ['a negative length', `${OK}content-length: -1\r\n\r\n`],
    ['a length that is not decimal', `${OK}content-length: 0x5\r\n\r\n`],
    ['an empty length', `${OK}content-length:\r\n\r\n`],
    ['two lengths', `${OK}content-length: 5\r\ncontent-length: 5\r\n\r\n`],
    ['a list of lengths', `${OK}content-length: 5, 5\r\n\r\n`],
    ['a length and chunks', `${OK}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n`],
    ['two transfer codings', `${OK}transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n`],
    ['an unknown transfer coding', `${OK}transfer-encoding: gzip, chunked\r\n\r\n`],
    ['a transfer coding after a space that is not ASCII', `${OK}transfer-encoding: \xa0chunked\r\n\r\n0\r\n\r\n`],
    ['a length before a space that is not ASCII', `${OK}content-length: 0\xa0\r\n\r\n`],
    ['chunks in HTTP/1.0', 'HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n'],
    ['a header that is continued', `${OK}x-a: 1\r\n  2\r\n\r\n`],
    ['a header without a name', `${OK}: 1\r\n\r\n`],
    ['a space after the name of a header', `${OK}content-length : 5\r\n\r\n`],
    ['a line that ends with LF alone', `${OK}x-a: 1\n\r\n`],
    ['a CR in a header', `${OK}x-a: 1\rcontent-length: 5\r\n\r\n`],
    ['a NUL in a header', `${OK}x-a: \0\r\n\r\n`],
    ['another protocol', 'SSH-2.0-OpenSSH_9.9\r\n'],
    ['another version', 'HTTP/2.0 200 OK\r\n\r\n'],
    ['a code of four digits', 'HTTP/1.1 2000 OK\r\n\r\n'],
    ['another protocol to switch to', 'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n'],
  ])('rejects %s', (_, text) => {
    expect(() => parseText(text)).toThrow('the response is not valid HTTP: ');
  });

  it('rejects what follows a response', () => {
    expect(() => parseText(`${OK}content-length: 2\r\n\r\n{}HTTP/1.1 200 OK\r\n`)).toThrow('more than the response');
  });

  it.each<[string, string, string]>([
    ['a status line', 'HTTP/1.1 200 ', 'x'],
    ['headers', OK, 'x-a: 1\r\n'],
    ['interim responses', '', 'HTTP/1.1 103 Early Hints\r\n\r\n'],
    ['the extensions of a chunk', `${CHUNKED}1;`, 'x'],
    ['trailers', `${CHUNKED}0\r\n`, 'x-a: 1\r\n'],
  ])('gives up %s without an end after 80 KiB', (_, begin, repeated) => {
    const endless = [bytes(begin), ...Array(90).fill(bytes(repeated.repeat(Math.ceil(1024 / repeated.length))))];
    expect(() => parse(endless)).toThrow('too long');
  });

  it.each<[string, string, boolean]>([
    ['HTTP/1.1', `${OK}content-length: 0\r\n\r\n`, true],
    ['HTTP/1.1 that closes', `${OK}content-length: 0\r\nConnection: Keep, Close\r\n\r\n`, false],
    ['HTTP/1.0', 'HTTP/1.0 200 OK\r\ncontent-length: 0\r\n\r\n', false],
    ['HTTP/1.0 that is kept', 'HTTP/1.0 200 OK\r\ncontent-length: 0\r\nconnection: keep-alive\r\n\r\n', true],
    ['no body', 'HTTP/1.1 204 No Content\r\n\r\n', true],
    ['no body, in spite of a length', 'HTTP/1.1 304 Not Modified\r\ncontent-length: 5\r\n\r\n', true],
  ])('tells whether the connection can be used again: %s', (_, text, isReusable) => {
    expect(parseText(text)).toMatchObject({ body: '', isReusable });
  });

  it('reads the headers that count, in any case, and not the empty reason', () => {
    const head = 'HTTP/1.1 429 \r\nRETRY-AFTER:\t3 \r\nDate: now\r\ncontent-length: 0\r\n\r\n';
    expect(parseText(head).head).toEqual({ code: 429, retryAfter: '3', date: 'now' });
  });
});
