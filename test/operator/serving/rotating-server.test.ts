import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serveRotating } from '@konductor/operator';
import { expect, it, onTestFinished } from 'vitest';
import { createAuthority, type KeyPair } from '../../control-plane/access/x509.ts';
import { getSecurely } from '../../support/network/https.ts';
import { eventually } from '../../support/waiting/eventually.ts';
import { captureLog } from '../captured-logger.ts';

const authority = createAuthority('metrics');
const issue = (commonName: string) => authority.issue({ commonName }, ['127.0.0.1']);

function newFolder(): string {
  const directory = mkdtempSync(join(tmpdir(), 'konductor-certificate-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  return directory;
}

function store(directory: string, { cert, key }: Partial<KeyPair>): void {
  if (cert) writeFileSync(join(directory, 'tls.crt'), cert);
  if (key) writeFileSync(join(directory, 'tls.key'), key);
}

async function start() {
  const directory = newFolder();
  store(directory, issue('first'));
  const { logger, lines } = captureLog();
  const routes = { '/': () => ({ code: 200, body: 'ok' }) };
  const server = await serveRotating({ host: '127.0.0.1', port: 0 }, { routes, directory, logger, checkEveryMs: 10 });
  onTestFinished(() => server.close());
  const name = async () => (await getSecurely(`${server.address}/`, { ca: authority.cert })).commonName;
  return { directory, lines, name };
}

it('serves with the certificate in the directory, and with the next one on the same port when it rotates', async () => {
  const { directory, name } = await start();
  expect(await name()).toBe('first');
  store(directory, issue('second'));
  await eventually('the second certificate', async () => (await name()) === 'second');
});

it('keeps serving with the old certificate while a rotation is incomplete or broken', async () => {
  const { directory, lines, name } = await start();
  const second = issue('second');
  store(directory, { cert: second.cert });
  const warns = (reason: RegExp) =>
    eventually(`the warning ${reason}`, () =>
      lines.some(({ level, fields }) => level === 'warn' && reason.test(String(fields.err))),
    );
  await warns(/tls\.key does not match tls\.crt/);
  expect(await name()).toBe('first');
  expect(lines).toHaveLength(1);
  store(directory, { key: second.key });
  await eventually('the second certificate', async () => (await name()) === 'second');
});

it.each([
  ['an empty directory', {}, /no such file/],
  ['a certificate without its key', { cert: issue('first').cert }, /no such file/],
  ['an invalid certificate', { cert: 'nonsense', key: issue('first').key }, /cannot load a serving certificate from/],
  [
    'the key of another certificate',
    { cert: issue('first').cert, key: issue('second').key },
    /does not match tls\.crt/,
  ],
])('rejects %s, and names what is needed', async (_what, files, reason) => {
  const directory = newFolder();
  store(directory, files);
  const { logger } = captureLog();
  const starting = serveRotating({ host: '127.0.0.1', port: 0 }, { routes: {}, directory, logger });
  await expect(starting).rejects.toThrow(reason);
  await expect(starting).rejects.toThrow(/it must contain tls\.crt and tls\.key in PEM format$/);
});
