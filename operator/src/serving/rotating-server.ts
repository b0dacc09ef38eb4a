// A TLS server that reloads its certificate when it rotates. Bun cannot change the certificate of a listening server, so a
// new server replaces it on the same port.
import type { BindAddress } from '../flags/values.ts';
import type { Logger } from '../framework/logger.ts';
import { type Certificate, readCertificate } from './certificate.ts';
import { type HttpServer, type Routes, serve } from './http-server.ts';

export interface RotatingServerOptions {
  readonly routes: Routes;
  /** Contains tls.crt and tls.key. */
  readonly directory: string;
  readonly logger: Logger;
  readonly checkEveryMs?: number;
}

const CHECK_EVERY_MS = 5_000;

/** Rejects when the certificate cannot be loaded or the address cannot be bound. */
export async function serveRotating(address: BindAddress, options: RotatingServerOptions): Promise<HttpServer> {
  const certificate = readCertificate(options.directory);
  const server = await serve(address, options.routes, { certificate });
  const rotation = new Rotation({ ...address, port: server.port }, options, { certificate, server });
  return { address: server.address, port: server.port, close: () => rotation.close() };
}

interface Serving {
  readonly certificate: Certificate;
  /** Absent when the old server is closed and the new one could not listen. */
  readonly server?: HttpServer;
}

class Rotation {
  readonly #address: BindAddress;
  readonly #options: RotatingServerOptions;
  readonly #timer: NodeJS.Timeout;
  #serving: Serving;
  #check = Promise.resolve();
  #lastFailure: string | undefined;

  constructor(address: BindAddress, options: RotatingServerOptions, serving: Serving) {
    this.#address = address;
    this.#options = options;
    this.#serving = serving;
    this.#timer = setInterval(() => {
      this.#check = this.#check.then(() => this.#rotate());
    }, options.checkEveryMs ?? CHECK_EVERY_MS);
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#check;
    await this.#serving.server?.close();
  }

  async #rotate(): Promise<void> {
    const { routes, directory, logger } = this.#options;
    try {
      const certificate = readCertificate(directory);
      const { server, certificate: current } = this.#serving;
      if (server && certificate.cert === current.cert && certificate.key === current.key) return;
      await server?.close();
      this.#serving = { certificate };
      this.#serving = { certificate, server: await serve(this.#address, routes, { certificate }) };
      this.#lastFailure = undefined;
      logger.info({ directory }, 'serving certificate reloaded');
    } catch (err) {
      this.#warn(err);
    }
  }

  /** Logs each reason once, not at every check. */
  #warn(err: unknown): void {
    const { directory, logger } = this.#options;
    const failure = String(err);
    if (failure !== this.#lastFailure)
      logger.warn({ err, directory }, 'reloading the serving certificate failed, retrying');
    this.#lastFailure = failure;
  }
}
