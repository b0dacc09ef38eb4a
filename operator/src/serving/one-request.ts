// The first request of a connection and its response, which ends the connection. Runtimes read all pipelined requests and
// keep their responses in memory until the client reads them; here, a connection costs one request and one response.
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';

export interface RouteResponse {
  readonly code: number;
  readonly contentType?: string;
  readonly body: string;
}

/** The parts of a request that routes use. */
export interface RouteRequest {
  readonly path: string;
  readonly authorization: string | undefined;
}

export interface HttpRequest extends RouteRequest {
  readonly method: string;
}

/** Enough for a long token. */
const MAX_HEAD_BYTES = 16_384;
/** Of one connection. A client that sends the body of a rejected request reads the response only after it. */
const MAX_RECEIVED_BYTES = 2 ** 20;
const BAD_REQUEST: RouteResponse = { code: 400, body: 'bad request\n' };

export async function serveOneRequest(
  socket: Socket,
  respond: (request: HttpRequest) => Promise<RouteResponse>,
): Promise<void> {
  // On TLS, this is not the socket that the server accepted.
  socket.on('error', () => {});
  const request = parseHead(await readHead(socket));
  const response = request ? await respond(request) : BAD_REQUEST;
  socket.end(format(response, request?.method !== 'HEAD'));
}

/** Resolves with '' if the client sends no whole head, or a longer one. What follows is read and ignored. */
function readHead(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    let received = '';
    let receivedBytes = 0;
    const read = (part: Buffer) => {
      received += part.toString('latin1', 0, MAX_HEAD_BYTES + 1);
      const end = received.indexOf('\r\n\r\n');
      if (end < 0 && received.length <= MAX_HEAD_BYTES) return;
      socket.off('data', read);
      resolve(received.slice(0, Math.max(end, 0)));
    };
    socket.on('data', read).on('data', (part: Buffer) => {
      receivedBytes += part.length;
      if (receivedBytes > MAX_RECEIVED_BYTES) socket.destroy();
    });
    socket.once('end', () => resolve(''));
  });
}

function parseHead(head: string): HttpRequest | undefined {
  const [requestLine = '', ...fields] = head.split('\r\n');
  const [, method, target] = /^([A-Z]+) (\S+) HTTP\/1\.[01]$/.exec(requestLine) ?? [];
  if (method === undefined || target === undefined) return undefined;
  const authorization = fields.map((field) => /^authorization:[ \t]*(.*?)[ \t]*$/i.exec(field)?.[1]);
  return {
    method,
    path: target.split('?', 1)[0] ?? target,
    authorization: authorization.find((value) => value !== undefined),
  };
}

function format({ code, contentType = 'text/plain; charset=utf-8', body }: RouteResponse, hasBody: boolean): string {
  const lines = [
    `HTTP/1.1 ${code} ${STATUS_CODES[code]}`,
    `date: ${new Date().toUTCString()}`,
    `content-type: ${contentType}`,
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  return `${lines.join('\r\n')}\r\n\r\n${hasBody ? body : ''}`;
}
