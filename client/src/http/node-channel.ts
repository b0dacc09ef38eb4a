// HTTP by node:http and node:https, the same on Node and Bun: for streams, proxies, servers without TLS, and all else on Node.
import {
  type ClientRequest,
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
  type OutgoingHttpHeaders,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { type Credentials, hostOf, malformed } from '../connect/connection.ts';
import { type HttpChannel, type HttpHead, type HttpMessage, type HttpRequest, tooLong } from './request.ts';

const KEEP_ALIVE_PROBE_MS = 15_000;

export class NodeChannel implements HttpChannel {
  readonly #server: URL;
  readonly #agent: HttpAgent;

  /** `createConnection` takes the place of the agent's own, for a way through a proxy. */
  constructor(server: URL, createConnection?: HttpAgent['createConnection']) {
    this.#server = server;
    const options = { keepAlive: true, keepAliveMsecs: KEEP_ALIVE_PROBE_MS };
    this.#agent = this.#isPlain ? new HttpAgent(options) : new HttpsAgent(options);
    if (createConnection) this.#agent.createConnection = createConnection;
  }

  open(message: HttpMessage, credentials: Credentials): HttpRequest {
    try {
      return new NodeRequest(this.#send(message, credentials));
    } catch (cause) {
      // Node and Bun throw at once for a certificate, key or token that is malformed.
      throw malformed(cause);
    }
  }

  close(): void {
    for (const sockets of Object.values(this.#agent.freeSockets)) for (const socket of sockets ?? []) socket.destroy();
  }

  get #isPlain(): boolean {
    return this.#server.protocol === 'http:';
  }

  #send({ method, path, headers, body }: HttpMessage, { tls }: Credentials): ClientRequest {
    const open = this.#isPlain ? httpRequest : httpsRequest;
    const request = open({
      method,
      hostname: hostOf(this.#server),
      port: this.#server.port || (this.#isPlain ? 80 : 443),
      path,
      agent: this.#agent,
      headers: headers as OutgoingHttpHeaders,
      ...(this.#isPlain ? {} : tls),
    });
    request.end(body);
    return request;
  }
}

/** Made right after the request was opened, so that no event of it is missed. */
class NodeRequest implements HttpRequest {
  mayHaveArrived = false;
  readonly #request: ClientRequest;
  #response: IncomingMessage | undefined;

  constructor(request: ClientRequest) {
    this.#request = request;
    request.on('error', () => {});
    request.on('socket', (socket) => {
      const arrive = () => {
        this.mayHaveArrived = true;
      };
      if (!socket.connecting) return arrive();
      socket.once('encrypted' in socket ? 'secureConnect' : 'connect', arrive);
    });
  }

  async head(): Promise<HttpHead> {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      this.#request.once('response', resolve);
      this.#request.once('error', reject);
    });
    this.#response = response;
    return { code: response.statusCode ?? 0, retryAfter: response.headers['retry-after'] };
  }

  async *body(maxLength: number): AsyncGenerator<string> {
    const response = this.#response;
    if (!response) return;
    response.setEncoding('utf8');
    try {
      let length = 0;
      for await (const chunk of response) {
        length += chunk.length;
        if (length > maxLength) throw tooLong(maxLength);
        yield chunk as string;
      }
    } finally {
      if (!response.complete) this.#request.destroy();
    }
  }

  destroy(reason: Error): void {
    this.#request.destroy(reason);
  }
}
