// Chooses the channel of a request. Each channel is loaded on first use, because under Bun loading node:https takes longer
// than a request by Bun's sockets.
import type { Connection, Credentials } from '../connect/connection.ts';
import { type Bun, bun } from '../http/bun/bun.ts';
import type { HttpChannel } from '../http/request.ts';

/** The channels to one server. */
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
    const isPlain = this.#server.protocol === 'http:';
    if (!bun || isStream || isPlain || this.#proxy || tls.rejectUnauthorized === false) return this.#nodeChannel();
    return this.#bunChannel(bun);
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
