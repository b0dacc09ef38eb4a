// What carries a request to the API server, whichever it is: the seam between the transport and node:https or Bun's sockets.
import type { Credentials, RequestHeaders } from '../connect/connection.ts';

/** A request as it goes over the wire. */
export interface HttpMessage {
  readonly method: string;
  /** With its query, escaped. */
  readonly path: string;
  readonly headers: RequestHeaders;
  readonly body: string | undefined;
}

/** The head of an answer. */
export interface HttpHead {
  readonly code: number;
  /** The Retry-After header. */
  readonly retryAfter: string | undefined;
}

/** One request on its way, and its answer. */
export interface HttpRequest {
  /** False as long as certainly nothing of it has reached the server. */
  readonly mayHaveArrived: boolean;
  /** Throws what the connection failed with, or what `destroy` was given. */
  head(): Promise<HttpHead>;
  /** The text of the body as it comes, to be read once; throws as `head` does, and when it is longer. */
  body(maxLength: number): AsyncIterable<string>;
  /** Ends both, wherever they are. */
  destroy(reason: Error): void;
}

/** Connections to one server, which are kept for the next request. */
export interface HttpChannel {
  /** Throws ConnectionError for credentials that are malformed. */
  open(message: HttpMessage, credentials: Credentials): HttpRequest;
  /** Closes idle connections; requests under way are left to end. */
  close(): void;
}

export function tooLong(maxLength: number): Error {
  return new Error(`the answer is longer than ${maxLength / 2 ** 20} MiB`);
}
