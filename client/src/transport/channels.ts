// Which channel a request takes. Each is loaded when it is first needed: node:https takes longer to load under Bun than a
// request by Bun's sockets takes.

import type { Connection, Credentials } from '../connect/connection.ts';
import { type Bun, bun } from '../http/bun/bun.ts';
import type { HttpChannel } from '../http/request.ts';

/** All channels to one server. */
export class Channels {
  readonly #server: URL;
  readonly #proxy: URL | undefined;
  #bun: Promise<HttpChannel> | undefined;
  #node: Promise<HttpChannel> | undefined;

  constructor({ server, proxy }: Pick<Connection, 'server' | 'proxy'>) {
    this.#server = server;
    this.#proxy = proxy;
  }

  forRequest({ tls }: Credentials, isStream: boolean): Promise<HttpChannel> {
    const isWhole = !isStream && !this.#proxy && this.#server.protocol === 'https:' && tls.rejectUnauthorized !== false;
    return bun && isWhole ? this.#bunChannel(bun) : this.#nodeChannel();
  }

  #bunChannel(runtime: Bun): Promise<HttpChannel> {
    this.#bun ??= import('../http/bun/bun-channel.ts').then(({ BunChannel }) => new BunChannel(runtime, this.#server));
    return this.#bun;
  }

  #nodeChannel(): Promise<HttpChannel> {
    this.#node ??= this.#openNodeChannel();
    return this.#node;
  }

  async #openNodeChannel(): Promise<HttpChannel> {
    const { NodeChannel } = await import('../http/node-channel.ts');
    if (!this.#proxy) return new NodeChannel(this.#server);
    const { tunnelThrough } = await import('../http/tunnel/open-tunnel.ts');
    return new NodeChannel(this.#server, tunnelThrough(this.#proxy, { isPlain: this.#server.protocol === 'http:' }));
  }

  close(): void {
    for (const opening of [this.#bun, this.#node]) void opening?.then((channel) => channel.close());
  }
}
