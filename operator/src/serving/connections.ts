// The open connections of one server. It bounds their number and their age, so that no client can take all of them for long.
import type { Socket } from 'node:net';

export interface ConnectionLimits {
  /** One more than this closes the connection that has been open longest: a new client is served, whoever holds the others. */
  readonly connections: number;
  /** How long a connection may be open, with its TLS handshake, its request and the reading of the response. */
  readonly openMs: number;
}

export class Connections {
  readonly #limits: ConnectionLimits;
  /** The oldest first. */
  readonly #open = new Set<Socket>();

  constructor(limits: ConnectionLimits) {
    this.#limits = limits;
  }

  readonly admit = (socket: Socket): void => {
    const { connections, openMs } = this.#limits;
    const expiry = setTimeout(() => socket.resetAndDestroy(), openMs);
    this.#open.add(socket);
    // Its client may disconnect at any time.
    socket.on('error', () => {});
    socket.once('close', () => {
      clearTimeout(expiry);
      this.#open.delete(socket);
    });
    const [oldest] = this.#open;
    if (oldest && this.#open.size > connections) this.#reset(oldest);
  };

  resetAll(): void {
    for (const socket of this.#open) this.#reset(socket);
  }

  /** Not `destroy`, which leaves what the client has not read in the kernel's memory. */
  #reset(socket: Socket): void {
    this.#open.delete(socket);
    socket.resetAndDestroy();
  }
}
