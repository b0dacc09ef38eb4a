// HTTPS over Bun's own sockets, which use a fraction of the CPU time of Bun's node:https (docs/decisions/0019). Carries
// requests that are not streams, to a server whose certificate is verified.
import type { Credentials, TlsMaterial } from '../../connect/connection.ts';
import type { HttpChannel, HttpMessage, HttpRequest } from '../request.ts';
import type { Bun } from './bun.ts';
import { BunConnection } from './bun-connection.ts';
import { encode } from './encode.ts';

const TLS_FIELDS = ['ca', 'cert', 'key', 'servername'] as const;

export class BunChannel implements HttpChannel {
  readonly #bun: Bun;
  readonly #server: URL;
  #idle: readonly BunConnection[] = [];

  constructor(bun: Bun, server: URL) {
    this.#bun = bun;
    this.#server = server;
  }

  open(message: HttpMessage, { tls }: Credentials): HttpRequest {
    const bytes = encode(message, this.#server.host);
    return this.#connectionFor(tls).send(bytes);
  }

  close(): void {
    for (const connection of this.#idle) connection.terminate();
  }

  /** Prefers the connection used last, because the server may be about to close the others for idleness. */
  #connectionFor(tls: TlsMaterial): BunConnection {
    const idle = this.#idle.findLast((connection) => isSame(connection.tls, tls));
    if (!idle) return this.#connect(tls);
    this.#remove(idle);
    return idle;
  }

  #connect(tls: TlsMaterial): BunConnection {
    const connection = new BunConnection(tls, this.#owner);
    void connection.connect(this.#bun, this.#server);
    return connection;
  }

  readonly #owner = {
    onIdle: (connection: BunConnection) => {
      this.#idle = [...this.#idle, connection];
    },
    onClosed: (connection: BunConnection) => this.#remove(connection),
  };

  #remove(connection: BunConnection): void {
    this.#idle = this.#idle.filter((one) => one !== connection);
  }
}

/** Compares by content, because a token that was read again comes with another copy of the same CA. */
function isSame(one: TlsMaterial, other: TlsMaterial): boolean {
  return TLS_FIELDS.every((field) => one[field] === other[field] || `${one[field]}` === `${other[field]}`);
}
