// The part of Bun's TCP sockets with TLS that is used here: https://bun.com/docs/runtime/networking/tcp. Bun verifies the
// chain and the name of the certificate, and says so when it calls `handshake`.
import type { Bun, BunConnectOptions, BunSocket } from './bun.ts';

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
