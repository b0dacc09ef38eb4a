// A tunnel through a SOCKS 5 proxy, such as `ssh -D`: https://www.rfc-editor.org/rfc/rfc1928, and rfc1929 for a password.
// The proxy resolves the name of the API server, as for kubectl.
import { once } from 'node:events';
import { connect, isIPv4, type Socket } from 'node:net';
import { ConnectionError } from '../connection.ts';
import { hostOf } from './host.ts';
import { credentialsOf, proxyFailure, proxyRefusal } from './proxy-errors.ts';
import type { Tunnel } from './tunnel.ts';

const VERSION = 5;
const NO_LOGIN = 0;
const PASSWORD = 2;
const NOT_ALLOWED = 2;
const CONNECT = 1;
const REPLIES: Readonly<Record<number, string>> = {
  1: 'general failure',
  2: 'not allowed',
  3: 'network unreachable',
  4: 'host unreachable',
  5: 'connection refused',
  6: 'timed out',
};

export async function openSocksTunnel(tunnel: Tunnel): Promise<Socket> {
  const { proxy } = tunnel;
  const socket = connect({ host: hostOf(proxy), port: Number(proxy.port) || 1080 });
  try {
    return await negotiate(socket, tunnel);
  } catch (error) {
    socket.destroy();
    throw error instanceof ConnectionError ? error : proxyFailure(proxy, error);
  }
}

async function negotiate(socket: Socket, tunnel: Tunnel): Promise<Socket> {
  const conversation = new Conversation(socket, tunnel.signal);
  await logIn(conversation, tunnel.proxy);
  const { host, port } = tunnel;
  const request = [VERSION, CONNECT, 0, ...addressOf(host), port >> 8, port & 0xff];
  const [, reply = 0] = await conversation.ask(request, lengthOfReply);
  if (reply === 0) return conversation.end();
  throw proxyRefusal(tunnel.proxy, `does not connect to ${host}:${port} (${REPLIES[reply] ?? `error ${reply}`})`, {
    mayPass: reply !== NOT_ALLOWED,
  });
}

async function logIn(conversation: Conversation, proxy: URL): Promise<void> {
  const credentials = credentialsOf(proxy);
  const methods = credentials ? [NO_LOGIN, PASSWORD] : [NO_LOGIN];
  const [version, method] = await conversation.ask([VERSION, methods.length, ...methods], () => 2);
  if (version !== VERSION) throw new Error('what answers does not speak SOCKS 5');
  if (method === NO_LOGIN) return;
  const refused = proxyRefusal(proxy, 'does not let in whoever asks', { needsLogin: true });
  if (method !== PASSWORD || !credentials) throw refused;
  const texts = credentials.flatMap((text) => [...withLength(text)]);
  const [, status] = await conversation.ask([1, ...texts], () => 2);
  if (status !== 0) throw refused;
}

function addressOf(host: string): readonly number[] {
  return isIPv4(host) ? [1, ...host.split('.').map(Number)] : [3, ...withLength(host)];
}

function withLength(text: string): Buffer {
  const bytes = Buffer.from(text).subarray(0, 255);
  return Buffer.from([bytes.length, ...bytes]);
}

/** Of a reply that has begun: an address of one of three kinds is in it. */
function lengthOfReply(received: Buffer): number {
  const addressLengths: Readonly<Record<number, number>> = { 1: 4, 3: 1 + (received[4] ?? 0), 4: 16 };
  return 6 + (addressLengths[received[3] ?? 0] ?? 4);
}

/** Questions, and answers of a length that their beginning tells. */
class Conversation {
  readonly #socket: Socket;
  readonly #ending = new AbortController();
  readonly #onClose = () => this.#ending.abort(new Error('it closed the connection'));
  readonly #signal: AbortSignal;

  constructor(socket: Socket, limit: AbortSignal) {
    this.#socket = socket;
    this.#signal = AbortSignal.any([limit, this.#ending.signal]);
    socket.once('close', this.#onClose);
  }

  async ask(question: readonly number[], lengthOf: (received: Buffer) => number): Promise<Buffer> {
    this.#socket.write(Buffer.from(question));
    let received: Buffer = Buffer.alloc(0);
    while (received.length < lengthOf(received)) received = Buffer.concat([received, await this.#receive()]);
    return received;
  }

  async #receive(): Promise<Buffer> {
    try {
      const [part] = await once(this.#socket, 'data', { signal: this.#signal });
      return part;
    } catch (error) {
      throw this.#signal.aborted ? this.#signal.reason : error;
    }
  }

  /** The socket, for what comes next. */
  end(): Socket {
    this.#socket.off('close', this.#onClose);
    return this.#socket;
  }
}
