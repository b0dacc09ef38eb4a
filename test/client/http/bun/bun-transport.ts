// Runs KubeTransport in a Bun process, against a TLS server whose responses the test defines.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { root } from '../../../../scripts/root.ts';
import { createAuthority } from '../../../control-plane/access/x509.ts';
import { json, type LoopbackServer, type Respond, startLoopback } from '../../loopback-server.ts';
import type { Script, Sending, SendingOutcome } from './bun-script.ts';

export const GET = { method: 'GET', timeoutMs: 20_000 } as const;
export const authority = createAuthority('test');
const serving = authority.issue({ commonName: 'server' }, ['127.0.0.1']);
const serverTls = { ...serving, ca: authority.cert, requestCert: true, rejectUnauthorized: false };
export const tls = { ca: authority.cert };

export const startServer = (respond = json({})) => startLoopback(respond, { tls: serverTls });

/** Starts the second step only after `canContinue`, if given, has resolved. */
export async function run(
  server: LoopbackServer | URL,
  script: Partial<Script>,
  canContinue?: Promise<void>,
): Promise<SendingOutcome[]> {
  const { href } = 'href' in server ? server : server.url;
  const waitsForStdin = canContinue !== undefined;
  const argument: Script = { server: href, tls, steps: [[GET]], waitsForStdin, ...script };
  const child = spawn(
    join(root, 'node_modules/.bin/bun'),
    ['--conditions=konductor-source', join(import.meta.dirname, 'bun-script.ts'), JSON.stringify(argument)],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  void canContinue?.then(() => child.stdin.end());
  const lines = await text(child.stdout);
  return lines
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

export async function outcomeOf(respond: Respond, sending: Sending = GET): Promise<SendingOutcome | undefined> {
  const [outcome] = await run(await startServer(respond), { steps: [[sending]] });
  return outcome;
}

export const EMPTY_OBJECT = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}';

/** Sends these bytes unchanged, one piece at a time, and leaves the connection open. */
export const raw =
  (...pieces: string[]): Respond =>
  async ({ socket }) => {
    for (const piece of pieces) {
      await new Promise((sent) => socket?.write(piece, sent));
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
export const rawThenClose =
  (...pieces: string[]): Respond =>
  async (response, request, turn) => {
    await raw(...pieces)(response, request, turn);
    response.socket?.end();
  };
/** Responds to the first request at once, so that a later deadline cannot pass before there is a connection. */
export const onceConnected =
  (respond: Respond): Respond =>
  (response, request, turn) =>
    (turn === 0 ? json({}) : respond)(response, request, turn);
