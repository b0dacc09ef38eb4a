// Chooses loopback ports for servers that take theirs from a flag.
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

// Below the ranges of the ports of outgoing connections (32768 on Linux, 49152 on macOS): while an API server is down, a client
// that connects to it could otherwise get its port, and the API server could not start again.
const LOWEST = 20_000;
const HIGHEST = 30_000;
const ATTEMPTS = 5;

/** What a server that dies of it throws, so that another port is tried. */
export class PortTakenError extends Error {
  override readonly name = 'PortTakenError';
}

/** Another process can take a free port before the server binds it: then another port is tried. */
export async function onFreePort<T>(start: (port: number) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await start(await findFreePort());
    } catch (error) {
      if (!(error instanceof PortTakenError) || attempt === ATTEMPTS) throw error;
    }
  }
}

async function findFreePort(): Promise<number> {
  for (;;) {
    const port = randomInt(LOWEST, HIGHEST);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}
