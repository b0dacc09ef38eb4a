// A small HTTP server on loopback that scripts the part of the API server's protocol that a test needs, for faults that the
// real one cannot produce on demand.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { type KubeObject, KubeTransport } from '@konductor/client';

export interface FakeRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly body: unknown;
}

export interface FakeResponse {
  readonly code?: number;
  readonly body?: object;
}

/** An accepted watch request, on which the test sends events. */
export interface FakeWatch {
  readonly path: string;
  readonly resourceVersion: string | undefined;
  /** Closed by either side. */
  readonly isClosed: boolean;
  send(type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR', object: object): void;
  sendText(text: string): void;
  /** Ends the response normally. */
  end(): void;
  /** Resets the connection. */
  reset(): void;
}

export interface FakeApiServer extends AsyncDisposable {
  readonly transport: KubeTransport;
  /** All requests except watches and the transport's own readiness checks. */
  readonly requests: readonly FakeRequest[];
  readonly watches: readonly FakeWatch[];
}

/** Accepts watches and keeps them open; `respond` handles all other requests. */
export async function startFakeApiServer(
  respond: (request: FakeRequest) => FakeResponse | Promise<FakeResponse>,
): Promise<FakeApiServer> {
  const requests: FakeRequest[] = [];
  const watches: FakeWatch[] = [];
  const server = createServer(async (message, response) => {
    const request = await read(message);
    if (request.path === '/readyz') return response.end('ok');
    if (request.query.watch === 'true') return watches.push(openWatch(request, response));
    requests.push(request);
    const { code = 200, body = {} } = await respond(request);
    return response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const transport = transportTo((server.address() as AddressInfo).port);
  return {
    transport,
    requests,
    watches,
    async [Symbol.asyncDispose]() {
      transport.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function read(message: IncomingMessage): Promise<FakeRequest> {
  const url = new URL(message.url ?? '/', 'http://localhost');
  const { method = 'GET' } = message;
  const body = method === 'GET' ? undefined : await json(message);
  return { method, path: url.pathname, query: Object.fromEntries(url.searchParams), body };
}

function openWatch({ path, query }: FakeRequest, response: ServerResponse): FakeWatch {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.flushHeaders();
  const sendText = (text: string) => response.write(text);
  return {
    path,
    resourceVersion: query.resourceVersion,
    get isClosed() {
      return response.closed;
    },
    send: (type, object) => sendText(`${JSON.stringify({ type, object })}\n`),
    sendText,
    end: () => response.end(),
    reset: () => response.socket?.resetAndDestroy(),
  };
}

function transportTo(port: number): KubeTransport {
  return new KubeTransport({
    server: new URL(`http://127.0.0.1:${port}`),
    namespace: 'default',
    credentials: async () => ({ headers: {}, tls: {} }),
    renew: () => {},
  });
}

/** A response to a list request. */
export function listOf(items: readonly KubeObject[], resourceVersion: string): FakeResponse {
  return { body: { kind: 'List', metadata: { resourceVersion }, items } };
}

/** The API server's response to a request that it rejects. */
export function rejection(code: number, reason: string): FakeResponse {
  return { code, body: { kind: 'Status', status: 'Failure', code, reason, message: `rejected: ${reason}` } };
}
