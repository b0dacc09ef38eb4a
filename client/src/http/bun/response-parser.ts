// Splits the bytes that a socket receives into responses, by http-parser-js.
import { HTTPParser } from 'http-parser-js';
import type { HttpHead } from '../request.ts';

/** Receives the parts of a response, in order. */
export interface ResponseReader {
  onHead(head: HttpHead): void;
  onBody(part: Buffer): void;
  /** `isReusable`: the connection accepts another request. */
  onEnd(isReusable: boolean): void;
}

export class ResponseParser {
  readonly #parser = new HTTPParser(HTTPParser.RESPONSE);

  constructor(reader: ResponseReader) {
    let isInformational = false;
    let isReusable = false;
    this.#parser[HTTPParser.kOnHeadersComplete] = ({ statusCode, shouldKeepAlive, headers }) => {
      // From here on the parser would count the body too, and reject a long one.
      this.#parser.maxHeaderSize = Number.POSITIVE_INFINITY;
      isInformational = statusCode < 200;
      isReusable = shouldKeepAlive;
      if (isInformational) return;
      reader.onHead({ code: statusCode, retryAfter: fieldOf(headers, 'retry-after'), date: fieldOf(headers, 'date') });
    };
    this.#parser[HTTPParser.kOnBody] = (part, offset, length) => reader.onBody(part.subarray(offset, offset + length));
    // The final response follows a 1xx.
    this.#parser[HTTPParser.kOnMessageComplete] = () => {
      if (!isInformational) reader.onEnd(isReusable);
    };
  }

  /** Throws for bytes that are not HTTP. */
  feed(received: Buffer): void {
    const result: number | Error = this.#parser.execute(received);
    if (result instanceof Error) throw result;
  }

  /** Call it when the connection is closed, which ends a body of unknown length. */
  finish(): void {
    this.#parser.finish();
  }
}

function fieldOf(headers: readonly string[], wanted: string): string | undefined {
  const index = headers.findIndex((name, at) => at % 2 === 0 && name.toLowerCase() === wanted);
  return index < 0 ? undefined : headers[index + 1];
}
