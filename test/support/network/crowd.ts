// Clients that misuse a server: they pipeline without reading, ask again and again over connections that they keep, send half
// of a request, or nothing at all. Whatever the server closes, they open again.
import { get } from 'node:http';
import { connect, type Socket } from 'node:net';
import { connect as connectSecurely } from 'node:tls';
import { onTestFinished } from 'vitest';

export interface CrowdTarget {
  readonly port: number;
  readonly path: string;
  /** Over TLS, without a check of the certificate, with another made-up token in each request. */
  readonly isSecure?: boolean;
}

const PIPELINED = 20_000;
type Client = (socket: Socket, request: () => string) => void;

/** How many of each. */
const CLIENTS: readonly (readonly [number, Client])[] = [
  [10, (socket, request) => socket.pause().write(request().repeat(PIPELINED))],
  [120, askForever],
  [20, (socket, request) => socket.pause().write(request())],
  [20, (socket, request) => socket.write(request().slice(0, -4))],
  [20, () => {}],
];

/** Until the end of the test. */
export function crowd(target: CrowdTarget): void {
  const sockets = new Set<Socket>();
  let isOpen = true;
  let tokens = 0;
  const request = () => `GET ${target.path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer made-up-${tokens++}\r\n\r\n`;
  const open = (client: Client) => {
    if (!isOpen) return;
    const socket = dial(target);
    sockets.add(socket);
    socket
      .on('error', () => {})
      .once('close', () => {
        sockets.delete(socket);
        open(client);
      });
    client(socket, request);
  };
  for (const [count, client] of CLIENTS) for (let index = 0; index < count; index++) open(client);
  onTestFinished(() => {
    isOpen = false;
    for (const socket of sockets) socket.destroy();
  });
}

function askForever(socket: Socket, request: () => string): void {
  socket.write(request());
  socket.on('data', () => socket.write(request()));
}

function dial({ port, isSecure = false }: CrowdTarget): Socket {
  const address = { port, host: '127.0.0.1', allowHalfOpen: true };
  return isSecure ? connectSecurely({ ...address, rejectUnauthorized: false }) : connect(address);
}

/** The status code for a client that has no connection yet, as a kubelet's probe. Rejects if the connection ends before. */
export function freshStatus(url: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    get(url, { agent: false }, (response) => {
      response.resume().once('error', reject);
      response.once('end', () => resolve(response.statusCode));
    }).once('error', reject);
  });
}
