// The part of Bun's API that is used besides the modules of Node: TCP sockets with TLS. Bun verifies the chain and the name
// of the certificate and reports the result to `handshake`. https://bun.com/docs/runtime/networking/tcp
import type { PeerCertificate } from 'node:tls';
import type { TlsMaterial } from '../../connect/connection.ts';

export interface Bun {
  /** Resolves when the TCP connection is established, before the TLS handshake. */
  connect(options: BunConnectOptions): Promise<BunSocket>;
}

/** Undefined on Node. */
export const bun: Bun | undefined = Reflect.get(globalThis, 'Bun');

export interface BunSocket {
  /** Returns how many bytes were accepted; `drain` is called when the socket accepts more. */
  write(data: Uint8Array): number;
  terminate(): void;
  /** Undefined when the handshake did not come that far. */
  getPeerCertificate(): PeerCertificate | undefined;
  /** Makes the socket keep the process alive. */
  ref(): void;
  unref(): void;
}

export interface BunSocketHandler {
  open(socket: BunSocket): void;
  handshake(socket: BunSocket, isSuccess: boolean, failure: Error | null | undefined): void;
  data(socket: BunSocket, received: Buffer): void;
  drain(socket: BunSocket): void;
  error(socket: BunSocket, failure: Error): void;
  close(socket: BunSocket, failure?: Error): void;
}

export interface BunConnectOptions {
  readonly hostname: string;
  readonly port: number;
  readonly tls: Omit<TlsMaterial, 'servername'> & { readonly serverName?: string };
  readonly socket: BunSocketHandler;
}

/** Like `bun.connect`, but a failed connection names the address and the cause in its message, as on Node. */
export async function connectSocket(runtime: Bun, options: BunConnectOptions): Promise<BunSocket> {
  try {
    return await runtime.connect(options);
  } catch (cause) {
    const { code, syscall } = cause as NodeJS.ErrnoException;
    if (syscall !== 'connect') throw cause;
    const { hostname, port } = options;
    throw Object.assign(new Error(`connect ${code} ${hostname}:${port}`, { cause }), { code });
  }
}
