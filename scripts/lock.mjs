// A lock between processes: a listening socket, because the kernel closes it however its owner ends. Plain JavaScript: see prepare.mjs.
import { createHash, randomBytes } from 'node:crypto';
import { linkSync, renameSync, rmSync, statSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Runs the action while no other process that names the same path runs its own. `onWait` is called once, with the owner's pid. */
export async function withLock(path, { onWait, signal }, action) {
  // Not at the path itself: the path of a socket has about 100 characters at most.
  const lock = join(tmpdir(), `konductor-${createHash('sha256').update(path).digest('hex').slice(0, 16)}.sock`);
  const own = await listen(`${lock}.${randomBytes(4).toString('hex')}`);
  let report = onWait;
  const reportOnce = (pid) => {
    report?.(pid);
    report = undefined;
  };
  try {
    while (!tryLink(own.path, lock)) await ownerEnds(lock, { onWait: reportOnce, signal });
    try {
      return await action();
    } finally {
      rmSync(lock, { force: true });
    }
  } finally {
    own.close();
  }
}

/** A client that connects receives the pid, and stays connected until the socket is closed. */
function listen(path) {
  const connections = new Set();
  const server = createServer((connection) => {
    connections.add(connection.on('error', () => undefined));
    connection.write(`${process.pid}`);
  });
  const close = () => {
    server.close();
    for (const connection of connections) connection.destroy();
  };
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen(path, () => resolve({ path, close }));
  });
}

/** A link, because it appears at once and listening: a socket that is bound and does not listen yet would look abandoned. */
function tryLink(socket, lock) {
  try {
    linkSync(socket, lock);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

/** Returns when the lock may be free: its owner has ended, or had ended before. */
function ownerEnds(lock, { onWait, signal }) {
  const before = identityOf(lock);
  return new Promise((resolve, reject) => {
    const connection = connect({ path: lock, signal });
    connection.once('data', (pid) => onWait(Number(pid))).once('close', resolve);
    connection.once('error', (error) => {
      if (error.code === 'ECONNREFUSED') removeAbandoned(lock, before);
      if (!['ECONNREFUSED', 'ECONNRESET', 'ENOENT'].includes(error.code)) reject(error);
    });
  });
}

/** Several that wait may find the same lock abandoned. One that moves away what a faster one has put there puts it back. */
function removeAbandoned(lock, identity) {
  if (identityOf(lock) !== identity) return;
  const aside = `${lock}.${randomBytes(4).toString('hex')}`;
  try {
    renameSync(lock, aside);
  } catch {
    return;
  }
  if (identityOf(aside) !== identity) tryLink(aside, lock);
  rmSync(aside);
}

function identityOf(path) {
  const { ino, mtimeMs } = statSync(path, { throwIfNoEntry: false }) ?? {};
  return `${ino} ${mtimeMs}`;
}
