// The open connections of one server. It bounds their number and their age, so that no client can take all of them for long.
import type { Socket } from 'node:net';

export interface ConnectionLimits {
  /**
   * If there are more than this, those that have been open longest are closed: a new client is served, whoever holds the others.
   */
  readonly connections: number;
  /** How long each is left alone, enough for a probe or a scrape, however many others connect at the same time. */
  readonly undisturbedMs: number;
  /** How long a connection may be open, with its TLS handshake, its request and the reading of the response. */
  readonly openMs: number;
}

export class Connections {
  readonly #limits: ConnectionLimits;
  /** When each was opened, the oldest first. */
  readonly #open = new Map<Socket, number>();
  #trimming: NodeJS.Timeout | undefined;

  constructor(limits: ConnectionLimits) {
    this.#limits = limits;
  }

  readonly admit = (socket: Socket): void => {
    const expiry = setTimeout(() => socket.resetAndDestroy(), this.#limits.openMs);
    this.#open.set(socket, performance.now());
    // Its client may disconnect at any time.
    socket.on('error', () => {});
    socket.once('close', () => {
      clearTimeout(expiry);
      this.#open.delete(socket);
    });
    this.#trimLater();
  };

  resetAll(): void {
    clearTimeout(this.#trimming);
    for (const socket of this.#open.keys()) this.#reset(socket);
  }

  #trimLater(): void {
    if (this.#open.size > this.#limits.connections)
      this.#trimming ??= setTimeout(() => this.#trim(), this.#limits.undisturbedMs);
  }

  #trim(): void {
    this.#trimming = undefined;
    const { connections, undisturbedMs } = this.#limits;
    const latest = performance.now() - undisturbedMs;
    for (const [socket, openedAt] of this.#open) {
      if (this.#open.size <= connections || openedAt > latest) break;
      this.#reset(socket);
    }
    this.#trimLater();
  }

  /** Not `destroy`, which leaves what the client has not read in the kernel's memory. */
  #reset(socket: Socket): void {
    this.#open.delete(socket);
    socket.resetAndDestroy();
  }
}
