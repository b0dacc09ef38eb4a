// The part of Bun's TCP sockets with TLS that is used here: https://bun.com/docs/runtime/networking/tcp. Bun verifies the
// chain and the name of the certificate, and says so when it calls `handshake`.
import type { Bun } from '../bun.ts';
import type { TlsMaterial } from '../connection.ts';

export interface BunSocket {
  /** Returns how many bytes were taken; `drain` is called when it takes more. */
  write(data: Uint8Array): number;
  terminate(): void;
  /** Whether the process goes on living for it. */
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

export async function connectSocket(bun: Bun, options: BunConnectOptions): Promise<BunSocket> {
  try {
    return await bun.connect(options);
  } catch (failure) {
    throw withAddress(failure, options);
  }
}

/** Of a connection that was not made Bun says neither to whom nor why; Node says both. */
function withAddress(cause: unknown, { hostname, port }: BunConnectOptions): unknown {
  const { code, syscall } = cause as NodeJS.ErrnoException;
  if (syscall !== 'connect') return cause;
  return Object.assign(new Error(`connect ${code} ${hostname}:${port}`, { cause }), { code });
}
