// Bun, where this runs on it: what is used of it beyond the modules of Node.
import type { TlsMaterial } from '../../connect/connection.ts';

/** See https://bun.com/docs/api. */
export interface Bun {
  /** Resolves when the TCP connection is there, before the handshake. */
  connect(options: BunConnectOptions): Promise<BunSocket>;
}

/** Undefined on Node. */
export const bun: Bun | undefined = Reflect.get(globalThis, 'Bun');
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
