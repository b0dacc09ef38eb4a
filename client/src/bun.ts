// Bun, where this runs on it: what is used of it beyond the modules of Node.
import type { BunConnectOptions, BunSocket } from './http/bun-socket.ts';

/** See https://bun.com/docs/api. */
export interface Bun {
  /** Resolves when the TCP connection is there, before the handshake. */
  connect(options: BunConnectOptions): Promise<BunSocket>;
  readonly YAML: { parse(text: string): unknown };
}

/** Undefined on Node. */
export const bun: Bun | undefined = Reflect.get(globalThis, 'Bun');
