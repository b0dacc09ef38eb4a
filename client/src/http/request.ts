// The seam between the transport and the two channels that carry its requests, by node:https or by Bun's sockets.
import type { Credentials, RequestHeaders } from '../connect/connection.ts';

/** A request as it is sent. */
export interface HttpMessage {
  readonly method: string;
  /** Escaped, with its query. */
  readonly path: string;
  readonly headers: RequestHeaders;
  readonly body: string | undefined;
}

/** The head of a response. */
export interface HttpHead {
  readonly code: number;
  /** The Retry-After header. */
  readonly retryAfter: string | undefined;
  /** The Date header: the server's time in whole seconds. */
  readonly date: string | undefined;
}

/** A request in flight, and its response. */
export interface HttpRequest {
  /** False as long as certainly no part of the request has reached the server. */
  readonly mayHaveArrived: boolean;
  /** Rejects with the error of the connection, or with the reason given to `destroy`. */
  head(): Promise<HttpHead>;
  /** Yields the text of the body as it arrives; can be read once. Throws as `head` does, and when the body is too long. */
  body(maxLength: number): AsyncIterable<string>;
  /** Aborts the request, or the reading of its response. */
  destroy(reason: Error): void;
}

/** The connections to one server, which are kept alive for later requests. */
export interface HttpChannel {
  /** Throws ConnectionError for malformed credentials. */
  open(message: HttpMessage, credentials: Credentials): HttpRequest;
  /** Closes idle connections; requests in flight continue. */
  close(): void;
}

/** The response is longer than its reader accepts. */
export class ResponseTooLongError extends Error {
  override readonly name = 'ResponseTooLongError';
  constructor(maxLength: number) {
    super(`the response is longer than ${maxLength / 2 ** 20} MiB`);
  }
}
