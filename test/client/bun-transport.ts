// KubeTransport in a process of Bun's, in front of a TLS server that answers as the test says.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { root } from '../../scripts/root.ts';
import { createAuthority } from '../control-plane/access/x509.ts';
import type { Script, Sending, SendingOutcome } from './bun-script.ts';
import { type Answer, answerJson, type LoopbackServer, startLoopback } from './loopback-server.ts';

export const GET = { method: 'GET', timeoutMs: 20_000 } as const;
export const authority = createAuthority('test');
const serving = authority.issue({ commonName: 'server' }, ['127.0.0.1']);
const serverTls = { ...serving, ca: authority.cert, requestCert: true, rejectUnauthorized: false };
export const tls = { ca: authority.cert };

export const startServer = (answer: Answer) => startLoopback(answer, { tls: serverTls });

/** No second step is taken before `isFirstOver`, where that is given. */
export async function run(
  server: LoopbackServer | URL,
  script: Partial<Script>,
  isFirstOver?: Promise<void>,
): Promise<SendingOutcome[]> {
  const { href } = 'href' in server ? server : server.url;
  const waitsForStdin = isFirstOver !== undefined;
  const argument: Script = { server: href, tls, steps: [[GET]], waitsForStdin, ...script };
  const child = spawn(
    join(root, 'node_modules/.bin/bun'),
    ['--conditions=konductor-source', join(import.meta.dirname, 'bun-script.ts'), JSON.stringify(argument)],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  void isFirstOver?.then(() => child.stdin.end());
  const lines = await text(child.stdout);
  return lines
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

export async function outcomeOf(answer: Answer, sending: Sending = GET): Promise<SendingOutcome | undefined> {
  const [outcome] = await run(await startServer(answer), { steps: [[sending]] });
  return outcome;
}

/** Sends these bytes as they are, a piece at a time, and leaves the connection open. */
export const raw =
  (...pieces: string[]): Answer =>
  async ({ socket }) => {
    for (const piece of pieces) {
      socket?.write(piece);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
export const rawThenClose =
  (...pieces: string[]): Answer =>
  async (response, request, turn) => {
    await raw(...pieces)(response, request, turn);
    response.socket?.end();
  };
export const never: Answer = () => {};
/** For deadlines that must not pass before there is a connection. */
export const onceConnected =
  (answer: Answer): Answer =>
  (response, request, turn) =>
    turn === 0 ? answerJson(response, {}) : answer(response, request, turn);
