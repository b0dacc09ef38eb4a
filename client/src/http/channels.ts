// Which channel a request takes. Each is loaded when it is first needed: node:https takes longer to load under Bun than a
// request by Bun's sockets takes.
import { type Bun, bun } from '../bun.ts';
import type { Credentials } from '../connection.ts';
import type { HttpChannel } from './request.ts';

/** All channels to one server. */
export class Channels {
  readonly #server: URL;
  #bun: Promise<HttpChannel> | undefined;
  #node: Promise<HttpChannel> | undefined;

  constructor(server: URL) {
    this.#server = server;
  }

  forRequest({ agent, tls }: Credentials, isStream: boolean): Promise<HttpChannel> {
    const isWhole = !isStream && !agent && this.#server.protocol === 'https:' && tls.rejectUnauthorized !== false;
    return bun && isWhole ? this.#bunChannel(bun) : this.#nodeChannel();
  }

  #bunChannel(runtime: Bun): Promise<HttpChannel> {
    this.#bun ??= import('./bun-channel.ts').then(({ BunChannel }) => new BunChannel(runtime, this.#server));
    return this.#bun;
  }

  #nodeChannel(): Promise<HttpChannel> {
    this.#node ??= import('./node-channel.ts').then(({ NodeChannel }) => new NodeChannel(this.#server));
    return this.#node;
  }

  close(): void {
    for (const opening of [this.#bun, this.#node]) void opening?.then((channel) => channel.close());
  }
}
