// HTTP by node:http and node:https, the same on Node and Bun: every request on Node, and on Bun those that Bun's sockets do
// not carry (streams, proxies, servers without TLS or without verification).
import {
  type ClientRequest,
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
  type OutgoingHttpHeaders,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest, type RequestOptions } from 'node:https';
import { type Credentials, hostOf, malformed } from '../connect/connection.ts';
import { startConnectTimer } from './connect-timeout.ts';
import {
  type HttpChannel,
  type HttpHead,
  type HttpMessage,
  type HttpRequest,
  ResponseTooLongError,
} from './request.ts';
import { tlsOptions } from './tls-options.ts';
import { keepCertificate } from './untrusted-server.ts';

const KEEP_ALIVE_PROBE_MS = 15_000;

/** The agent passes the options of a request on to `createConnection`. */
export interface TunnelledOptions extends RequestOptions {
  /** Aborts a connection through a proxy that is still being established: until then, the request has no socket to destroy. */
  readonly tunnelSignal: AbortSignal;
}

export class NodeChannel implements HttpChannel {
  readonly #server: URL;
  readonly #agent: HttpAgent;

  /** `createConnection` replaces the agent's own, to connect through a proxy. */
  constructor(server: URL, createConnection?: HttpAgent['createConnection']) {
    this.#server = server;
    const options = { keepAlive: true, keepAliveMsecs: KEEP_ALIVE_PROBE_MS };
    this.#agent = this.#isPlain ? new HttpAgent(options) : new HttpsAgent(options);
    if (createConnection) this.#agent.createConnection = createConnection;
  }

  open(message: HttpMessage, credentials: Credentials): HttpRequest {
    try {
      const connecting = new AbortController();
      return new NodeRequest(this.#send(message, credentials, connecting.signal), connecting);
    } catch (cause) {
      // Node and Bun throw synchronously for a malformed certificate, key or token.
      throw malformed(cause);
    }
  }

  close(): void {
    for (const sockets of Object.values(this.#agent.freeSockets)) for (const socket of sockets ?? []) socket.destroy();
  }

  get #isPlain(): boolean {
    return this.#server.protocol === 'http:';
  }

  #send({ method, path, headers, body }: HttpMessage, { tls }: Credentials, tunnelSignal: AbortSignal): ClientRequest {
    const open = this.#isPlain ? httpRequest : httpsRequest;
    const options: TunnelledOptions = {
      method,
      hostname: hostOf(this.#server),
      port: this.#server.port || (this.#isPlain ? 80 : 443),
      path,
      agent: this.#agent,
      tunnelSignal,
      headers: inUtf8(headers),
      ...(this.#isPlain ? {} : tlsOptions(tls)),
    };
    const request = open(options);
    // Node encodes the headers like a body that is text, in one piece with it.
    request.end(body === undefined ? undefined : Buffer.from(body));
    return request;
  }
}

/** Node sends each character of a header as one byte. */
function inUtf8(headers: HttpMessage['headers']): OutgoingHttpHeaders {
  const encode = (value: string) => Buffer.from(value).toString('latin1');
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      typeof value === 'string' ? encode(value) : value.map(encode),
    ]),
  );
}

/** Must be created in the same turn as the request, or it misses events. */
class NodeRequest implements HttpRequest {
  mayHaveArrived = false;
  readonly #request: ClientRequest;
  readonly #connecting: AbortController;
  readonly #response = Promise.withResolvers<IncomingMessage>();

  constructor(request: ClientRequest, connecting: AbortController) {
    this.#request = request;
    this.#connecting = connecting;
    this.#response.promise.catch(() => {});
    request.on('response', this.#response.resolve);
    request.on('error', this.#response.reject);
    request.on('socket', (socket) => {
      keepCertificate(socket);
      const arrive = () => {
        this.mayHaveArrived = true;
      };
      if (!socket.connecting) return arrive();
      socket.once('encrypted' in socket ? 'secureConnect' : 'connect', arrive);
      const cancelTimer = startConnectTimer((reason) => this.destroy(reason));
      for (const event of ['connect', 'secureConnect', 'close']) socket.once(event, cancelTimer);
    });
  }

  async head(): Promise<HttpHead> {
    const { statusCode = 0, headers } = await this.#response.promise;
    return { code: statusCode, retryAfter: headers['retry-after'], date: headers.date };
  }

  async *body(maxLength: number): AsyncGenerator<string> {
    const response = await this.#response.promise;
    response.setEncoding('utf8');
    try {
      let length = 0;
      for await (const chunk of response) {
        length += chunk.length;
        if (length > maxLength) throw new ResponseTooLongError(maxLength);
        yield chunk as string;
      }
    } finally {
      if (!response.complete) this.#request.destroy();
    }
  }

  destroy(reason: Error): void {
    // Until a proxy has connected, the request has no socket and emits no error.
    this.#response.reject(reason);
    this.#connecting.abort(reason);
    this.#request.destroy(reason);
  }
}
