// HTTP to the API server, the same on Node and Bun: keep-alive, credentials that rotate, deadlines, abortion, streams and
// typed errors. What carries the requests is in http/. It knows no resource, and repeats a request only when it was certainly not carried out:
// for a renewed credential, and when an API server that was still starting refused it.
import type { Connection } from '../connect/connection.ts';
import { AbortedError, UnauthorizedError } from '../core/errors.ts';
import { unlessAborted } from '../core/timer.ts';
import { isFieldValue } from '../http/bun/encode.ts';
import type { HttpMessage } from '../http/request.ts';
import { Channels } from './channels.ts';
import { Exchange, errorFromAnswer, parseAnswer } from './exchange.ts';
import type { KubeRequest } from './kube-request.ts';
import { mayPassOnceReady, requireReady } from './readiness.ts';

export interface KubeTransportOptions {
  readonly userAgent?: string;
  /** Called once for each request whose answer began or that failed. */
  readonly onRequest?: (result: RequestResult) => void;
}

export interface RequestResult {
  readonly method: string;
  readonly host: string;
  /** The HTTP code, or `<error>` as in client-go's metrics. */
  readonly code: string;
  /** Until the head of the answer. */
  readonly seconds: number;
}

/** Errors: ApiError and its kinds for refusals, UnavailableError for no usable answer, AbortedError, UntrustedServerError. */
export class KubeTransport {
  readonly connection: Connection;
  readonly #options: KubeTransportOptions;
  readonly #channels: Channels;

  constructor(connection: Connection, options: KubeTransportOptions = {}) {
    const { userAgent = '' } = options;
    if (!isFieldValue(userAgent)) throw new TypeError(`no header takes the user agent ${JSON.stringify(userAgent)}`);
    this.connection = connection;
    this.#options = options;
    this.#channels = new Channels(connection);
  }

  /** Sends one request and parses the JSON of its answer. */
  async request<T = unknown>(request: KubeRequest): Promise<T> {
    return this.#whenReady(request, async () => {
      const exchange = await this.#send(request);
      const text = await exchange.text();
      return parseAnswer(text) as T;
    });
  }

  /** Sends one request and yields the text of its answer as it comes, until it ends or `signal` fires. */
  async stream(request: KubeRequest): Promise<AsyncIterable<string>> {
    return this.#whenReady(request, async () => (await this.#send(request, { isStream: true })).chunks());
  }

  /** Closes idle connections; requests under way are left to end. */
  close(): void {
    this.#channels.close();
  }

  async #whenReady<T>({ signal }: KubeRequest, send: () => Promise<T>): Promise<T> {
    try {
      return await this.#withRenewedCredentials(send);
    } catch (refusal) {
      if (!mayPassOnceReady(refusal)) throw refusal;
      const probe = async () => (await this.#send({ method: 'GET', path: '/readyz', signal })).text();
      await requireReady(probe, { refusal, signal });
      return send();
    }
  }

  async #withRenewedCredentials<T>(send: () => Promise<T>): Promise<T> {
    try {
      return await send();
    } catch (error) {
      if (!(error instanceof UnauthorizedError)) throw error;
      this.connection.renew();
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
      this.#report(request, String(exchange.code), startedAt);
      if (exchange.code < 200 || exchange.code > 299) throw await errorFromAnswer(exchange);
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
