// Proxies as companies have them, on loopback: by CONNECT with or without TLS, and SOCKS 5. Whatever they are asked for, they connect to one server.
import { once } from 'node:events';
import { createServer as createHttpServer, type Server as HttpServer, type IncomingMessage } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import type { KeyPair } from '../../control-plane/access/x509.ts';

export interface ForwardProxy {
  /** Such as `127.0.0.1:3128`. */
  readonly address: string;
  /** `host:port` of everything that it connected to, or rejected. */
  readonly targets: readonly string[];
  /** How many connections to it are open. */
  readonly connections: number;
  /** Closes it and all its connections. */
  stop(): void;
  /** At the same address. */
  restart(): Promise<void>;
}

export interface ForwardProxyOptions {
  /** Where everything goes. */
  readonly upstream: URL;
  /** Absent: without TLS. */
  readonly tls?: KeyPair;
  /** `user:password` that it asks for. */
  readonly login?: string;
  /** The status line that it rejects with, such as `403 Forbidden`; absent: it does not. */
  readonly refusal?: string;
  /** It accepts requests and never responds. */
  readonly isSilent?: boolean;
}

/** Runs until the test is over. */
export async function startForwardProxy(options: ForwardProxyOptions): Promise<ForwardProxy> {
  const targets: string[] = [];
  const server = options.tls ? createHttpsServer(options.tls) : createHttpServer();
  server.on('connect', (request: IncomingMessage, client: Socket) => {
    targets.push(request.url ?? '');
    // The sockets of an HTTP server stay half open.
    if (options.isSilent) return void client.resume().once('end', () => client.end());
    const refusal = refusalOf(request, options);
    if (refusal) client.end(`HTTP/1.1 ${refusal}\r\ncontent-length: 0\r\n\r\n`);
    else forward(client, options.upstream, () => client.write('HTTP/1.1 200 Connection established\r\n\r\n'));
  });
  return listen(server, targets);
}

function refusalOf({ headers }: IncomingMessage, { login, refusal }: ForwardProxyOptions): string | undefined {
  const expected = login && `Basic ${Buffer.from(login).toString('base64')}`;
  if (expected && headers['proxy-authorization'] !== expected) return '407 Proxy Authentication Required';
  return refusal;
}

/** It accepts connections and never sends anything. */
export function startSilentServer(): Promise<ForwardProxy> {
  return listen(
    createServer((socket) => socket.resume()),
    [],
  );
}

/** https://www.rfc-editor.org/rfc/rfc1928; `reply` is its response to a request, 0 for success. */
export async function startSocksProxy({
  upstream,
  login,
  reply = 0,
}: Pick<ForwardProxyOptions, 'upstream' | 'login'> & { readonly reply?: number }): Promise<ForwardProxy> {
  const targets: string[] = [];
  const server = createServer(async (client) => {
    await once(client, 'data');
    client.write(Buffer.from([5, login ? 2 : 0]));
    if (login) {
      const [said]: Buffer[] = await once(client, 'data');
      const [user = '', ...password] = login.split(':');
      const expected = `\x01${withLength(user)}${withLength(password.join(':'))}`;
      client.write(Buffer.from([1, said?.toString() === expected ? 0 : 1]));
    }
    const [request = Buffer.alloc(0)]: Buffer[] = await once(client, 'data');
    const name = request.subarray(5, 5 + (request[4] ?? 0)).toString();
    targets.push(`${name}:${request.readUInt16BE(request.length - 2)}`);
    const answer = () => client.write(Buffer.from([5, reply, 0, 1, 0, 0, 0, 0, 0, 0]));
    if (reply === 0) forward(client, upstream, answer);
    else answer();
  });
  return listen(server, targets);
}

const withLength = (text: string) => `${String.fromCharCode(text.length)}${text}`;

function forward(client: Socket, { hostname, port }: URL, onConnected: () => void): void {
  const server = connect(Number(port), hostname, () => {
    onConnected();
    client.pipe(server).pipe(client);
  });
  client.on('error', () => server.destroy()).on('close', () => server.destroy());
  server.on('error', () => client.destroy()).on('close', () => client.destroy());
}

async function listen(server: Server | HttpServer, targets: readonly string[]): Promise<ForwardProxy> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
  });
  const listenAt = async (port: number) => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  };
  await listenAt(0);
  const { port } = server.address() as AddressInfo;
  const stop = () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  onTestFinished(stop);
  return {
    address: `127.0.0.1:${port}`,
    targets,
    get connections() {
      return sockets.size;
    },
    stop,
    restart: () => listenAt(port),
  };
}
