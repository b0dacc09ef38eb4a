// One request on its way through the proxy, with the moves that faults are made of.
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import { buffer } from 'node:stream/consumers';

export interface ProxiedResponse {
  readonly code: number;
  readonly headers?: IncomingHttpHeaders;
  readonly body?: Buffer | string;
}

export interface ProxiedRequestParts {
  readonly message: IncomingMessage;
  readonly response: ServerResponse;
  readonly body: Buffer;
  readonly upstream: RequestOptions;
}

export class ProxiedRequest {
  /** The method, and what it is about: `PUT status`, `GET group`, `GET list`, `GET watch`, `POST list`, `PATCH record`, … */
  readonly label: string;
  readonly #parts: ProxiedRequestParts;

  constructor(parts: ProxiedRequestParts) {
    this.#parts = parts;
    const { method, url = '' } = parts.message;
    this.label = `${method} ${targetOf(url)}`;
  }

  get body(): string {
    return String(this.#parts.body);
  }

  /** The API server's response. */
  async forward(): Promise<ProxiedResponse> {
    const message = await this.#send();
    return { code: message.statusCode ?? 0, headers: message.headers, body: await buffer(message) };
  }

  respond({ code, headers = {}, body = '' }: ProxiedResponse): void {
    // Those of the length and the connection are the proxy's own.
    const { 'content-type': contentType = 'application/json', 'retry-after': retryAfter } = headers;
    const kept = { 'content-type': contentType, ...(retryAfter && { 'retry-after': retryAfter }) };
    this.#parts.response.writeHead(code, kept).end(body);
  }

  /** Forwards the request and what comes back, as it comes, with these headers in place of the API server's. */
  async pass(headers?: IncomingHttpHeaders): Promise<void> {
    for await (const chunk of await this.stream(headers)) this.write(chunk);
    this.#parts.response.end();
  }

  /** Responds with the API server's head, and returns its body. */
  async stream(headers: IncomingHttpHeaders = {}): Promise<AsyncIterable<Buffer>> {
    const { response } = this.#parts;
    const message = await this.#send();
    response.on('close', () => message.destroy());
    response.writeHead(message.statusCode ?? 0, { ...message.headers, ...headers }).flushHeaders();
    return message;
  }

  /** Sends a part of the response's body, after its head. */
  write(chunk: Buffer | string): void {
    this.#parts.response.write(chunk);
  }

  /** Asks for something else than the client did. */
  rewriteQuery(parameters: Readonly<Record<string, string>>): void {
    const { message } = this.#parts;
    const url = new URL(message.url ?? '', 'https://proxy');
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
    message.url = url.pathname + url.search;
  }

  /** Breaks the connection to the client. */
  reset(): void {
    this.#parts.response.destroy();
  }

  #send(): Promise<IncomingMessage> {
    const { message, body, upstream } = this.#parts;
    const { host, ...headers } = message.headers;
    // A token and a certificate would be the certificate's user.
    const identity = headers.authorization ? { cert: undefined, key: undefined } : {};
    return new Promise((resolve, reject) => {
      const options = { ...upstream, ...identity, method: message.method, path: message.url, headers };
      httpsRequest(options, resolve).on('error', reject).end(body);
    });
  }
}

function targetOf(url: string): string {
  const { pathname, searchParams } = new URL(url, 'https://proxy');
  if (searchParams.has('watch')) return pathname.endsWith('/waitgroupworkers') ? 'records watch' : 'watch';
  const [worker, record] = /\/waitgroupworkers(?:\/([^/]+))?$/.exec(pathname) ?? [];
  if (worker) return record ? 'record' : 'records';
  const [, name, subresource] = /\/waitgroups(?:\/([^/]+))?(?:\/([^/]+))?$/.exec(pathname) ?? [];
  return subresource ?? (name ? 'group' : 'list');
}
