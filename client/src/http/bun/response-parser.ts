// Cuts what a socket receives into answers, by http-parser-js: heads, bodies of a known length, chunked ones, and those that
// end with the connection.
import { HTTPParser } from 'http-parser-js';
import type { HttpHead } from '../request.ts';

/** Who gets the parts of the answers, in order. */
export interface AnswerReader {
  onHead(head: HttpHead): void;
  onBody(part: Buffer): void;
  /** `isReusable`: the connection takes another request. */
  onEnd(isReusable: boolean): void;
}

export class AnswerParser {
  readonly #parser = new HTTPParser(HTTPParser.RESPONSE);

  constructor(reader: AnswerReader) {
    let isInformational = false;
    let isReusable = false;
    this.#parser[HTTPParser.kOnHeadersComplete] = ({ statusCode, shouldKeepAlive, headers }) => {
      // From here on it counts bodies as well: a long one would be refused.
      this.#parser.maxHeaderSize = Number.POSITIVE_INFINITY;
      isInformational = statusCode < 200;
      isReusable = shouldKeepAlive;
      if (!isInformational) reader.onHead({ code: statusCode, retryAfter: fieldOf(headers, 'retry-after') });
    };
    this.#parser[HTTPParser.kOnBody] = (part, offset, length) => reader.onBody(part.subarray(offset, offset + length));
    // The answer proper comes after a 1xx.
    this.#parser[HTTPParser.kOnMessageComplete] = () => {
      if (!isInformational) reader.onEnd(isReusable);
    };
  }

  /** Throws for what is not HTTP. */
  feed(received: Buffer): void {
    const result: number | Error = this.#parser.execute(received);
    if (result instanceof Error) throw result;
  }

  /** The connection is closed: that ends a body of unknown length. */
  finish(): void {
    this.#parser.finish();
  }
}

function fieldOf(headers: readonly string[], wanted: string): string | undefined {
  const index = headers.findIndex((name, at) => at % 2 === 0 && name.toLowerCase() === wanted);
  return index < 0 ? undefined : headers[index + 1];
}
