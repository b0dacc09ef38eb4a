// One TLS connection by Bun's own sockets, which carries one request after another.

import { hostOf, malformed, type TlsMaterial } from '../../connect/connection.ts';
import type { HttpHead } from '../request.ts';
import type { Bun, BunSocket, BunSocketHandler } from './bun.ts';
import { BunRequest } from './bun-request.ts';
import { connectSocket } from './bun-socket.ts';
import { AnswerParser, type AnswerReader } from './response-parser.ts';

const HTTPS_PORT = 443;
const NOTHING = Buffer.alloc(0);

/** Who is told when it can carry another request, and when it never will again. */
export interface ConnectionOwner {
  onIdle(connection: BunConnection): void;
  onClosed(connection: BunConnection): void;
}

export class BunConnection implements AnswerReader {
  readonly tls: TlsMaterial;
  readonly #owner: ConnectionOwner;
  #socket: BunSocket | undefined;
  #request: BunRequest | undefined;
  /** Of the request's answer alone: whatever follows it has no part in the next. */
  #parser: AnswerParser | undefined;
  #unsent: Buffer = NOTHING;
  #isEncrypted = false;
  /** Set when it is closed. */
  #failure: Error | undefined;

  constructor(tls: TlsMaterial, owner: ConnectionOwner) {
    this.tls = tls;
    this.#owner = owner;
  }

  /** Never rejects: who sends is told. */
  async connect(bun: Bun, server: URL): Promise<void> {
    const { servername, ...tls } = this.tls;
    try {
      await connectSocket(bun, {
        hostname: hostOf(server),
        port: Number(server.port) || HTTPS_PORT,
        // Without any field it would be a connection without TLS.
        tls: { ...tls, rejectUnauthorized: true, ...(servername !== undefined && { serverName: servername }) },
        socket: this.#handler(),
      });
    } catch (failure) {
      const { code } = failure as NodeJS.ErrnoException;
      // BoringSSL refuses what it cannot read before anything is sent.
      this.#close(/^ERR_/.test(code ?? '') ? malformed(failure) : (failure as Error));
    }
  }

  /** To be called when it is new, connected or not, or idle. */
  send(bytes: Buffer): BunRequest {
    const request = new BunRequest(this);
    if (this.#failure) request.fail(this.#failure);
    this.#request = request;
    this.#parser = new AnswerParser(this);
    this.#unsent = bytes;
    this.#socket?.ref();
    this.#flush();
    return request;
  }

  terminate(): void {
    this.#close(new Error('the connection was given up'));
  }

  onHead(head: HttpHead): void {
    if (!this.#request) throw answerToNothing();
    this.#request.receiveHead(head);
  }

  onBody(part: Buffer): void {
    this.#request?.receiveBody(part);
  }

  onEnd(isReusable: boolean): void {
    const request = this.#request;
    this.#request = undefined;
    request?.complete();
    if (isReusable && this.#unsent.length === 0) this.#rest();
    else this.terminate();
  }

  #rest(): void {
    this.#socket?.unref();
    this.#owner.onIdle(this);
  }

  #handler(): BunSocketHandler {
    return {
      open: (socket) => {
        this.#socket = socket;
        if (this.#failure) socket.terminate();
      },
      handshake: (_, isSuccess, failure) => {
        if (!isSuccess || failure) return this.#close(failure ?? new Error('the TLS handshake failed'));
        this.#isEncrypted = true;
        this.#flush();
      },
      data: (_, received) => this.#receive(received),
      drain: () => this.#flush(),
      error: (_, failure) => this.#close(failure),
      close: (_, failure) => this.#onClose(failure),
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
      if (!this.#request) throw answerToNothing();
      this.#parser?.feed(received);
    } catch (failure) {
      this.#close(failure as Error);
    }
  }

  #onClose(failure: Error | undefined): void {
    this.#parser?.finish();
    this.#close(failure ?? new Error('the connection was closed before the answer was complete'));
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

function answerToNothing(): Error {
  return new Error('an answer to no request');
}
