// A TLS server that reloads its certificate when it rotates.
import type { BindAddress } from '../flags/values.ts';
import type { Logger } from '../framework/logger.ts';
import { type Certificate, readCertificate } from './certificate.ts';
import { type HttpServer, type Routes, type SecureHttpServer, serveSecurely } from './http-server.ts';

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
  const server = await serveSecurely(address, options.routes, certificate);
  const rotation = new Rotation(server, certificate, options);
  const timer = setInterval(() => rotation.check(), options.checkEveryMs ?? CHECK_EVERY_MS);
  return {
    address: server.address,
    close: () => {
      clearInterval(timer);
      return server.close();
    },
  };
}

class Rotation {
  readonly #server: SecureHttpServer;
  readonly #options: RotatingServerOptions;
  #current: Certificate;
  #lastFailure: string | undefined;

  constructor(server: SecureHttpServer, certificate: Certificate, options: RotatingServerOptions) {
    this.#server = server;
    this.#current = certificate;
    this.#options = options;
  }

  check(): void {
    const { directory, logger } = this.#options;
    try {
      const certificate = readCertificate(directory);
      if (certificate.cert === this.#current.cert && certificate.key === this.#current.key) return;
      this.#server.setCertificate(certificate);
      this.#current = certificate;
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
