// Lets one process at a time do what two must not do at once in the same folder. The turn is a listening socket, because
// that ends with its owner, however it ends. Plain JavaScript: see prepare.mjs.
import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Waits until nobody else has the folder's turn, and takes it. Returns what gives it back. */
export async function takeTurn(folder, onWait) {
  // Not in the folder itself: the path of a socket has about 100 characters at most.
  const path = join(tmpdir(), `konductor-${createHash('sha256').update(folder).digest('hex').slice(0, 16)}.sock`);
  for (let hasWaited = false; ; hasWaited = true) {
    const server = await listen(path);
    if (server) return () => server.close();
    if (!hasWaited) onWait();
    await ownersEnd(path);
  }
}

/** Undefined when the path is there already. */
function listen(path) {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error) => (error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error)));
    server.listen(path, () => resolve(server));
  });
}

/** An owner that works does not answer, and its end closes the connection. A path that nobody listens on any more is removed. */
function ownersEnd(path) {
  return new Promise((resolve) => {
    const connection = connect(path);
    connection.on('error', ({ code }) => code === 'ECONNREFUSED' && rmSync(path, { force: true }));
    connection.on('close', resolve);
  });
}
