// A small HTTP server on loopback that speaks as much of the API server's protocol as a test scripts, for faults that the
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

export interface FakeAnswer {
  readonly code?: number;
  readonly body?: object;
}

/** A watch request that was accepted, and what is sent on it. */
export interface FakeWatch {
  readonly resourceVersion: string | undefined;
  /** By either side. */
  readonly isClosed: boolean;
  send(type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR', object: object): void;
  sendText(text: string): void;
  /** In good order. */
  end(): void;
  /** The connection breaks. */
  reset(): void;
}

export interface FakeApiServer extends AsyncDisposable {
  readonly transport: KubeTransport;
  /** All but the watches, and the transport's own questions about readiness. */
  readonly requests: readonly FakeRequest[];
  readonly watches: readonly FakeWatch[];
}

/** Watches are accepted and stay open; everything else is for `answer`. */
export async function startFakeApiServer(
  answer: (request: FakeRequest) => FakeAnswer | Promise<FakeAnswer>,
): Promise<FakeApiServer> {
  const requests: FakeRequest[] = [];
  const watches: FakeWatch[] = [];
  const server = createServer(async (message, response) => {
    const request = await read(message);
    if (request.path === '/readyz') return response.end('ok');
    if (request.query.watch === 'true') return watches.push(openWatch(request, response));
    requests.push(request);
    const { code = 200, body = {} } = await answer(request);
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

function openWatch({ query }: FakeRequest, response: ServerResponse): FakeWatch {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.flushHeaders();
  const sendText = (text: string) => response.write(text);
  return {
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

/** An answer to a list request. */
export function listOf(items: readonly KubeObject[], resourceVersion: string): FakeAnswer {
  return { body: { kind: 'List', metadata: { resourceVersion }, items } };
}

/** What the API server says when it refuses. */
export function refusal(code: number, reason: string): FakeAnswer {
  return { code, body: { kind: 'Status', status: 'Failure', code, reason, message: `refused: ${reason}` } };
}
