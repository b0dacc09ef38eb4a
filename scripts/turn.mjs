// A lock between processes for work in the same folder. It is a listening socket, because that ends with its owner, however
// the owner ends. Plain JavaScript: see prepare.mjs.
import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Waits until no other process holds the lock of the folder, and takes it. Returns the function that releases it. */
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

/** Undefined if the path exists already. */
function listen(path) {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error) => (error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error)));
    server.listen(path, () => resolve(server));
  });
}

/** The owner keeps the connection open until it ends. A path on which no process listens any more is removed. */
function ownersEnd(path) {
  return new Promise((resolve) => {
    const connection = connect(path);
    connection.on('error', ({ code }) => code === 'ECONNREFUSED' && rmSync(path, { force: true }));
    connection.on('close', resolve);
  });
}
