// Requests to the API server, the same on Node and Bun: rotating credentials, deadlines, abort signals, streams and typed
// errors. It knows no resources, and http/ carries the requests. It sends a request again only if the first one was rejected
// for an expired credential, by an API server that was still starting, or not sent to a server that is not trusted.
import { type Connection, ConnectionError } from '../connect/connection.ts';
import { unlessAborted } from '../core/deadline.ts';
import { AbortedError, UnauthorizedError, UnavailableError, UntrustedServerError } from '../core/errors.ts';
import { ServerClock } from '../core/server-clock.ts';
import { isFieldValue } from '../http/bun/encode.ts';
import type { HttpMessage } from '../http/request.ts';
import { Channels } from './channels.ts';
import { Exchange } from './exchange.ts';
import type { KubeRequest } from './kube-request.ts';
import { mayPassOnceReady, requireReady } from './readiness.ts';
import { errorFromResponse, parseResponse } from './response.ts';

export interface KubeTransportOptions {
  readonly userAgent?: string;
  /** Called once for each request, when the head of the response has arrived or the request has failed. */
  readonly onRequest?: (result: RequestResult) => void;
}

export interface RequestResult {
  readonly method: string;
  readonly host: string;
  /** The HTTP code, or `<error>` as in client-go's metrics. */
  readonly code: string;
  /** The time until the head of the response. */
  readonly seconds: number;
}

/** Errors: ApiError and its subclasses for a rejection, UnavailableError, AbortedError, UntrustedServerError, ConnectionError. */
export class KubeTransport {
  readonly connection: Connection;
  /** The API server's time. */
  readonly clock = new ServerClock();
  readonly #options: KubeTransportOptions;
  readonly #channels: Channels;
  #hasReached = false;
  #contactAt = performance.now();

  constructor(connection: Connection, options: KubeTransportOptions = {}) {
    const { userAgent = '' } = options;
    if (!isFieldValue(userAgent)) throw new TypeError(`invalid user agent ${JSON.stringify(userAgent)}`);
    this.connection = connection;
    this.#options = options;
    this.#channels = new Channels(connection);
  }

  /** Sends one request and parses the JSON of its response. */
  async request<T = unknown>(request: KubeRequest): Promise<T> {
    return this.#whenReady(request, async () => {
      const exchange = await this.#send(request);
      return parseResponse(await exchange.text(), this.connection.server) as T;
    });
  }

  /** Sends one request and yields the text of its response as it arrives, until it ends or `signal` is aborted. */
  async stream(request: KubeRequest): Promise<AsyncIterable<string>> {
    return this.#whenReady(request, async () =>
      this.#received((await this.#send(request, { isStream: true })).chunks()),
    );
  }

  /** How long nothing was received from the API server; a watch receives a bookmark about once a minute. */
  get silentMs(): number {
    return performance.now() - this.#contactAt;
  }

  /**
   * From now on, as after the first response, a server that is not trusted and credentials that cannot be used are errors
   * that may pass (UnavailableError): a CA is being replaced, or a clock is wrong. Before, they end a command at once.
   */
  assumeReachable(): void {
    this.#hasReached = true;
  }

  /** Closes idle connections; requests in flight continue. */
  close(): void {
    this.#channels.close();
  }

  async *#received(chunks: AsyncIterable<string>): AsyncGenerator<string> {
    for await (const chunk of chunks) {
      this.#contactAt = performance.now();
      yield chunk;
    }
  }

  async #whenReady<T>({ signal }: KubeRequest, send: () => Promise<T>): Promise<T> {
    try {
      return await this.#whenReachable(send);
    } catch (error) {
      if (!mayPassOnceReady(error)) throw error;
      const probe = async () => (await this.#send({ method: 'GET', path: '/readyz', signal })).text();
      await requireReady(probe, error, signal);
      return send();
    }
  }

  async #whenReachable<T>(send: () => Promise<T>): Promise<T> {
    try {
      return await this.#withRenewedCredentials(send);
    } catch (error) {
      const isUnsent = error instanceof UntrustedServerError || error instanceof ConnectionError;
      if (!isUnsent || !this.#hasReached) throw error;
      throw new UnavailableError(error.message, { cause: error, mayHaveArrived: false });
    }
  }

  /** The CA may have been replaced, as well as a token. */
  async #withRenewedCredentials<T>(send: () => Promise<T>): Promise<T> {
    try {
      return await send();
    } catch (error) {
      const isUntrusted = error instanceof UntrustedServerError;
      if (!isUntrusted && !(error instanceof UnauthorizedError)) throw error;
      this.connection.renew(isUntrusted ? 'untrusted' : 'unauthorized');
      return send();
    }
  }

  async #send(request: KubeRequest, { isStream = false } = {}): Promise<Exchange> {
    const credentials = await unlessAborted(this.connection.credentials(), 'credentials', request);
    const channel = await this.#channels.forRequest(credentials, isStream);
    if (request.signal?.aborted) throw new AbortedError('aborted', { cause: request.signal.reason });
    const startedAt = performance.now();
    const message = this.#messageOf(request, credentials.headers);
    const exchange = new Exchange(channel.open(message, credentials), request);
    try {
      await exchange.head();
      this.#hasReached = true;
      const receivedAt = performance.now();
      this.#contactAt = receivedAt;
      this.#report(request, String(exchange.code), startedAt);
      if (exchange.code < 200 || exchange.code > 299) throw await errorFromResponse(exchange, this.connection.server);
      this.clock.observe({ date: exchange.date, sentAt: startedAt, receivedAt });
      return exchange;
    } catch (error) {
      if (exchange.code === 0) this.#report(request, '<error>', startedAt);
      throw error;
    }
  }

  #messageOf(request: KubeRequest, credentials: HttpMessage['headers']): HttpMessage {
    const { method, path, query, contentType = 'application/json' } = request;
    const body = request.body === undefined ? undefined : JSON.stringify(request.body);
    const content =
      body === undefined ? {} : { 'content-type': contentType, 'content-length': `${Buffer.byteLength(body)}` };
    return {
      method,
      path: this.connection.server.pathname.replace(/\/$/, '') + path + queryString(query),
      headers: {
        accept: 'application/json',
        'user-agent': this.#options.userAgent ?? 'konductor',
        ...credentials,
        ...content,
      },
      body,
    };
  }

  #report({ method }: KubeRequest, code: string, startedAt: number): void {
    const seconds = (performance.now() - startedAt) / 1000;
    this.#options.onRequest?.({ method, host: this.connection.server.host, code, seconds });
  }
}

function queryString(query: KubeRequest['query'] = {}): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) parameters.set(name, String(value));
  return parameters.size === 0 ? '' : `?${parameters}`;
}
