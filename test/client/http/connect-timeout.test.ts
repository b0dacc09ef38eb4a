// A host that does not respond to connections at all, as when it is down: a listener whose process is stopped and whose
// queue of connections is full, so that the kernel drops the next ones.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { transportTo } from '../loopback-server.ts';
import { GET, run, tls } from './bun/bun-transport.ts';

const LISTENER = `
  const server = require('node:net').createServer();
  server.listen(0, '127.0.0.1', 1, () => console.log(server.address().port));
`;

async function startDeafServer(): Promise<number> {
  const listener = spawn(process.execPath, ['-e', LISTENER], { stdio: ['ignore', 'pipe', 'inherit'] });
  const sockets: Socket[] = [];
  onTestFinished(() => {
    listener.kill('SIGKILL');
    for (const socket of sockets) socket.destroy();
  });
  const [line] = await once(listener.stdout, 'data');
  listener.kill('SIGSTOP');
  for (let n = 0; n < 8; n++) sockets.push(connect(Number(line), '127.0.0.1').on('error', () => {}));
  // The last ones never connect.
  await Promise.all(sockets.slice(0, 2).map((socket) => once(socket, 'connect')));
  return Number(line);
}

it('gives up a connection that is not accepted after 8 s, on Node and on Bun, and reports that nothing was sent', async () => {
  const port = await startDeafServer();
  const step = { ...GET, timeoutMs: 60_000 };
  const https = new URL(`https://127.0.0.1:${port}`);
  const material = [tls, { rejectUnauthorized: false }];
  const onBun = material.map((tls) => run(https, { steps: [[step]], tls, exits: true }));
  const failure = { name: 'UnavailableError', message: 'no connection within 8s', mayHaveArrived: false };
  const onNode = transportTo(new URL(`http://127.0.0.1:${port}`)).request({ ...step, path: '/version' });
  await expect(onNode).rejects.toMatchObject(failure);
  for (const outcomes of await Promise.all(onBun)) expect(outcomes).toMatchObject([failure]);
});
