// One TLS connection over Bun's own sockets, and the request that it carries: one at a time, one after another.
import { hostOf, malformed, type TlsMaterial } from '../../connect/connection.ts';
import { startConnectTimer } from '../connect-timeout.ts';
import { type HttpHead, type HttpRequest, ResponseTooLongError } from '../request.ts';
import { tlsOptions } from '../tls-options.ts';
import { BodyBuffer } from './body-buffer.ts';
import { type Bun, type BunSocket, type BunSocketHandler, connectSocket } from './bun.ts';
import { ResponseParser, type ResponseReader } from './response-parser.ts';

const HTTPS_PORT = 443;
const NOTHING = Buffer.alloc(0);

export interface ConnectionOwner {
  /** The connection accepts another request. */
  onIdle(connection: BunConnection): void;
  /** The connection accepts no more requests. */
  onClosed(connection: BunConnection): void;
}

export class BunConnection {
  readonly tls: TlsMaterial;
  readonly #owner: ConnectionOwner;
  #socket: BunSocket | undefined;
  #request: BunRequest | undefined;
  #unsent: Buffer = NOTHING;
  #isEncrypted = false;
  /** Set when the connection is closed. */
  #failure: Error | undefined;

  constructor(tls: TlsMaterial, owner: ConnectionOwner) {
    this.tls = tls;
    this.#owner = owner;
  }

  /** Never rejects: a failure is reported to the request. */
  async connect(bun: Bun, server: URL): Promise<void> {
    const { servername, ...tls } = tlsOptions(this.tls);
    const cancelTimer = startConnectTimer((reason) => this.#close(reason));
    try {
      await connectSocket(bun, {
        hostname: hostOf(server),
        port: Number(server.port) || HTTPS_PORT,
        // An empty object would mean a connection without TLS.
        tls: { ...tls, ...(servername !== undefined && { serverName: servername }) },
        socket: this.#handler(),
      });
    } catch (failure) {
      const { code } = failure as NodeJS.ErrnoException;
      // BoringSSL rejects malformed certificates and keys before anything is sent.
      this.#close(/^ERR_/.test(code ?? '') ? malformed(failure) : (failure as Error));
    } finally {
      cancelTimer();
    }
  }

  /** Call it on a new connection, which may still be connecting, or on an idle one. */
  send(bytes: Buffer): HttpRequest {
    const request = new BunRequest((isReusable) => this.#release(isReusable));
    this.#request = request;
    this.#unsent = bytes;
    this.#socket?.ref();
    this.#flush();
    return request;
  }

  terminate(): void {
    this.#close(new Error('the connection was terminated'));
  }

  #release(isReusable: boolean): void {
    this.#request = undefined;
    if (isReusable && this.#unsent.length === 0) {
      this.#socket?.unref();
      this.#owner.onIdle(this);
    } else this.terminate();
  }

  #handler(): BunSocketHandler {
    return {
      open: (socket) => {
        this.#socket = socket;
        if (this.#failure) socket.terminate();
      },
      handshake: (socket, isSuccess, failure) => {
        if (!isSuccess || failure) {
          const error = failure ?? new Error('the TLS handshake failed');
          return this.#close(Object.assign(error, { cert: socket.getPeerCertificate() }));
        }
        this.#isEncrypted = true;
        this.#flush();
      },
      data: (_, received) => this.#receive(received),
      drain: () => this.#flush(),
      error: (_, failure) => this.#close(failure),
      close: (_, failure) => {
        this.#request?.parser.finish();
        this.#close(failure ?? new Error('the connection was closed before the response was complete'));
      },
    };
  }

  #flush(): void {
    if (!this.#socket || !this.#isEncrypted || !this.#request || this.#unsent.length === 0) return;
    this.#request.mayHaveArrived = true;
    const written = this.#socket.write(this.#unsent);
    this.#unsent = this.#unsent.subarray(Math.max(written, 0));
  }

  #receive(received: Buffer): void {
    try {
      if (!this.#request) throw unexpectedResponseError();
      this.#request.parser.feed(received);
    } catch (failure) {
      this.#close(failure as Error);
    }
  }

  #close(failure: Error): void {
    if (this.#failure) return;
    this.#failure = failure;
    this.#request?.fail(failure);
    this.#request = undefined;
    this.#socket?.terminate();
    this.#owner.onClosed(this);
  }
}

class BunRequest implements HttpRequest, ResponseReader {
  mayHaveArrived = false;
  readonly #release: (isReusable: boolean) => void;
  /** Of one response: bytes after it are never parsed as part of the next one. */
  readonly parser = new ResponseParser(this);
  readonly #head = Promise.withResolvers<HttpHead>();
  readonly #end = Promise.withResolvers<void>();
  readonly #body = new BodyBuffer();
  #maxLength = Number.POSITIVE_INFINITY;
  #hasEnded = false;

  /** `release` is called once, unless the connection fails first; `isReusable`: the connection accepts another request. */
  constructor(release: (isReusable: boolean) => void) {
    this.#release = release;
    // The caller may await only one of them.
    this.#head.promise.catch(() => {});
    this.#end.promise.catch(() => {});
  }

  head(): Promise<HttpHead> {
    return this.#head.promise;
  }

  /** Yields the body in one piece, because streams use node:https. */
  async *body(maxLength: number): AsyncGenerator<string> {
    this.#maxLength = maxLength;
    if (this.#isTooLong) this.destroy(new ResponseTooLongError(maxLength));
    await this.#end.promise;
    yield this.#body.toString();
  }

  destroy(reason: Error): void {
    if (this.#hasEnded) return;
    this.fail(reason);
    this.#release(false);
  }

  fail(reason: Error): void {
    this.#hasEnded = true;
    this.#head.reject(reason);
    this.#end.reject(reason);
  }

  onHead(head: HttpHead): void {
    this.#head.resolve(head);
  }

  onBody(part: Buffer): void {
    this.#body.append(part);
    if (this.#isTooLong) throw new ResponseTooLongError(this.#maxLength);
  }

  onEnd(isReusable: boolean): void {
    this.#hasEnded = true;
    this.#end.resolve();
    this.#release(isReusable);
  }

  get #isTooLong(): boolean {
    return this.#body.length > this.#maxLength;
  }
}

function unexpectedResponseError(): Error {
  return new Error('the server sent a response without a request');
}
