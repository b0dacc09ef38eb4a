// Parses one response of HTTP/1.1 from the bytes that a socket receives: https://www.rfc-editor.org/rfc/rfc9112. Whatever the
// grammar does not allow is an error, and everything is bounded except the body, whose length the reader limits.
import type { HttpHead } from '../request.ts';
import { invalid, isField, ResponseHead } from './response-head.ts';

/** Receives the parts of a response, in order. What it throws, `feed` throws. */
export interface ResponseReader {
  onHead(head: HttpHead): void;
  onBody(part: Buffer): void;
  /** `isReusable`: the connection accepts another request. */
  onEnd(isReusable: boolean): void;
}

/** All heads and trailers of a response together; the same as in Node. */
const MAX_FIELDS_LENGTH = 80 * 2 ** 10;
/** The size and the extensions, which nobody uses. */
const MAX_CHUNK_HEAD_LENGTH = 256;
const CHUNK_HEAD = /^([0-9a-f]{1,8})[\t ]*(?:;[\t\x20-\x7e\x80-\xff]*)?$/i;
const NOTHING = Buffer.alloc(0);
const [CR, LF] = [0x0d, 0x0a];

export class ResponseParser {
  readonly #reader: ResponseReader;
  /** What was received and not parsed yet; less than a line. */
  #rest: Buffer = NOTHING;
  #fieldsLeft = MAX_FIELDS_LENGTH;
  #head = new ResponseHead();
  /** How much of the body, or of the chunk, is still to come. */
  #bodyLeft = 0;
  /** Parses the next part; false when more bytes are needed for it. */
  #next: () => boolean = this.#statusLine;

  constructor(reader: ResponseReader) {
    this.#reader = reader;
  }

  /** Throws for bytes that are not a response, or that follow one. */
  feed(received: Buffer): void {
    this.#rest = this.#rest.length > 0 ? Buffer.concat([this.#rest, received]) : received;
    while (this.#next());
  }

  /** Call it when the connection is closed, which ends a body of unknown length. */
  finish(): void {
    if (this.#next === this.#body && this.#bodyLeft === Number.POSITIVE_INFINITY) this.#end();
  }

  #statusLine(): boolean {
    const line = this.#takeFieldLine();
    if (line === undefined) return false;
    this.#head = new ResponseHead(line);
    this.#next = this.#fieldLine;
    return true;
  }

  #fieldLine(): boolean {
    const line = this.#takeFieldLine();
    if (line === undefined) return false;
    if (line === '') return this.#endOfHead();
    this.#head.add(line);
    return true;
  }

  #endOfHead(): boolean {
    const { code, bodyLength: length } = this.#head;
    this.#next = this.#statusLine;
    // The final response follows a 1xx.
    if (code < 200) return true;
    this.#reader.onHead({ code, retryAfter: this.#head.value('retry-after'), date: this.#head.value('date') });
    if (length === 'chunked') this.#next = this.#chunkHead;
    else this.#begin(this.#body, length);
    return true;
  }

  #body(): boolean {
    return this.#takeBody() && this.#end();
  }

  #chunkHead(): boolean {
    const line = this.#takeLine(MAX_CHUNK_HEAD_LENGTH);
    if (line === undefined) return false;
    const [, size = ''] = CHUNK_HEAD.exec(line) ?? invalid('the size of a chunk');
    const length = Number.parseInt(size, 16);
    if (length > 0) this.#begin(this.#chunk, length);
    else this.#next = this.#trailer;
    return true;
  }

  #chunk(): boolean {
    if (!this.#takeBody()) return false;
    this.#next = this.#endOfChunk;
    return true;
  }

  #endOfChunk(): boolean {
    const line = this.#takeLine(0);
    if (line === undefined) return false;
    this.#next = this.#chunkHead;
    return true;
  }

  #trailer(): boolean {
    const line = this.#takeFieldLine();
    if (line === undefined) return false;
    if (line === '') return this.#end();
    if (!isField(line)) invalid('a trailer');
    return true;
  }

  #end(): boolean {
    this.#next = this.#nothing;
    this.#reader.onEnd(this.#bodyLeft === 0 && this.#head.isKeptAlive);
    return true;
  }

  #nothing(): boolean {
    if (this.#rest.length > 0) throw new Error('the server sent more than the response');
    return false;
  }

  #begin(body: () => boolean, length: number): void {
    this.#bodyLeft = length;
    this.#next = body;
  }

  /** Returns whether the body, or the chunk, is complete. */
  #takeBody(): boolean {
    const part = this.#take(Math.min(this.#rest.length, this.#bodyLeft));
    this.#bodyLeft -= part.length;
    if (part.length > 0) this.#reader.onBody(part);
    return this.#bodyLeft === 0;
  }

  #takeFieldLine(): string | undefined {
    const line = this.#takeLine(this.#fieldsLeft);
    this.#fieldsLeft -= line === undefined ? 0 : line.length + 2;
    return line;
  }

  /** A line without its end; undefined while that has not arrived. Throws when it is longer than `maxLength`. */
  #takeLine(maxLength: number): string | undefined {
    const end = this.#rest.indexOf(LF);
    const length = end < 0 ? this.#rest.length - 1 : end - 1;
    if (length > maxLength) invalid('a line, or all headers together, are too long');
    if (end < 0) return undefined;
    const line = this.#take(end + 1);
    if (line[length] !== CR) invalid('the end of a line');
    return line.toString('latin1', 0, length);
  }

  #take(length: number): Buffer {
    const taken = this.#rest.subarray(0, length);
    this.#rest = this.#rest.subarray(length);
    return taken;
  }
}
