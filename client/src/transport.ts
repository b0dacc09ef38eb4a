// HTTP to the API server over node:https, the same on Node and Bun: keep-alive, credentials that rotate, deadlines,
// abortion, streams and typed errors. It knows no resource, and repeats a request only when it was certainly not carried out:
// for a renewed credential, and when an API server that was still starting refused it.
import { type ClientRequest, Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { type Connection, ConnectionError, type Credentials } from './connection.ts';
import { AbortedError, UnauthorizedError } from './errors.ts';
import { Exchange, errorFromAnswer, parseAnswer } from './exchange.ts';
import { mayPassOnceReady, requireReady } from './readiness.ts';

export interface KubeRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** From the root, such as `/apis/konductor.io/v1/namespaces/default/waitgroups`; its segments are escaped already. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: unknown;
  /** `application/json` unless said otherwise; a PATCH must say it. */
  readonly contentType?: string;
  /** For the answer's head, and for all of it in `request`; 30,000 unless said otherwise. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
}

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

const KEEP_ALIVE_PROBE_MS = 15_000;

/** Errors: ApiError and its kinds for refusals, UnavailableError for no usable answer, AbortedError, UntrustedServerError. */
export class KubeTransport {
  readonly connection: Connection;
  readonly #options: KubeTransportOptions;
  readonly #agent: HttpAgent;

  constructor(connection: Connection, options: KubeTransportOptions = {}) {
    this.connection = connection;
    this.#options = options;
    const agentOptions = { keepAlive: true, keepAliveMsecs: KEEP_ALIVE_PROBE_MS };
    this.#agent = this.#isPlain ? new HttpAgent(agentOptions) : new HttpsAgent(agentOptions);
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
    return this.#whenReady(request, async () => (await this.#send(request)).chunks());
  }

  /** Closes idle connections; requests under way are left to end. */
  close(): void {
    for (const sockets of Object.values(this.#agent.freeSockets)) for (const socket of sockets ?? []) socket.destroy();
  }

  get #isPlain(): boolean {
    return this.connection.server.protocol === 'http:';
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

  async #send(request: KubeRequest): Promise<Exchange> {
    const credentials = await this.connection.credentials();
    if (request.signal?.aborted) throw new AbortedError('aborted', { cause: request.signal.reason });
    const startedAt = performance.now();
    const exchange = new Exchange(this.#openOrExplain(request, credentials), request);
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

  /** Node and Bun throw at once for a certificate, key or token that is malformed. */
  #openOrExplain(request: KubeRequest, credentials: Credentials): ClientRequest {
    try {
      return this.#open(request, credentials);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new ConnectionError(`the credentials are malformed (${reason}): check CA, certificate, key and token`, {
        cause,
      });
    }
  }

  #open(request: KubeRequest, { headers, tls, agent }: Credentials): ClientRequest {
    const { server } = this.connection;
    const body = request.body === undefined ? undefined : JSON.stringify(request.body);
    const open = this.#isPlain ? httpRequest : httpsRequest;
    const clientRequest = open({
      method: request.method,
      // Brackets belong to the URL of an IPv6 address, not to its host.
      hostname: server.hostname.replace(/^\[|\]$/g, ''),
      port: server.port || (this.#isPlain ? 80 : 443),
      path: server.pathname.replace(/\/$/, '') + request.path + queryString(request.query),
      agent: agent ?? this.#agent,
      headers: {
        accept: 'application/json',
        'user-agent': this.#options.userAgent ?? 'konductor',
        ...headers,
        ...(body === undefined
          ? {}
          : { 'content-type': request.contentType ?? 'application/json', 'content-length': Buffer.byteLength(body) }),
      },
      ...(this.#isPlain ? {} : tls),
    });
    clientRequest.end(body);
    return clientRequest;
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
