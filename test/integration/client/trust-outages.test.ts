// An API server that is not trusted for a while, after it was: nothing is sent to it, and no wait and no finished work is given up.
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { createAuthority, type KeyPair } from '../../control-plane/access/x509.ts';
import { writeKubeconfig } from '../../control-plane/index.ts';
import { type FaultProxy, issueWith, startFaultProxy } from '../../faults/fault-proxy.ts';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import { listen } from '../../support/processes/koncli-fixtures.ts';
import { koncli, startKoncli } from '../../support/processes/koncli-process.ts';
import { runCalls } from '../../support/processes/runtimes.ts';

const controlPlane = inject('controlPlane');
const HOUR_MS = 3_600_000;
const other = createAuthority('other');
const inHours = (hours: number) => new Date(Date.now() + hours * HOUR_MS);

const stranger = other.issue({ commonName: 'stranger' }, ['127.0.0.1']);
const expired = issueWith({ from: inHours(-2), until: new Date('2026-11-01T09:00:00Z') });
const early = issueWith({ from: new Date('2039-11-30T09:00:00Z'), until: new Date('2039-12-30T09:00:00Z') });
const CLOCK = String.raw`the clock here says \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ`;
const DISTRUST: readonly (readonly [what: string, keyPair: KeyPair, reason: RegExp])[] = [
  ['has expired', expired, new RegExp(`it expired on 2026-11-01T09:00:00Z; ${CLOCK} `)],
  ['is not valid yet', early, new RegExp(`it is not valid until 2039-11-30T09:00:00Z; ${CLOCK} `)],
  [
    'another authority signed',
    stranger,
    /it was issued by "other", and no certificate that the client trusts leads to it/,
  ],
];

interface Setting {
  readonly proxy: FaultProxy;
  readonly namespace: string;
  readonly kubeconfig: string;
  /** koncli without the proxy. */
  readonly direct: (...args: string[]) => Promise<unknown>;
}

/** A namespace with a group `batch` of one piece of work. */
async function newSetting(): Promise<Setting> {
  const namespace = await createNamespace(controlPlane, 'trust');
  const direct = (...args: string[]) => koncli(['wg', ...args, '-n', namespace], controlPlane);
  await direct('create', 'batch', '--initial-count', '1');
  const proxy = await startFaultProxy(controlPlane, namespace);
  const path = join(controlPlane.directory, `trust-${randomBytes(4).toString('hex')}.kubeconfig`);
  return { proxy, namespace, kubeconfig: proxy.writeKubeconfig(path), direct };
}

function start({ namespace, kubeconfig }: Setting, args: readonly string[], env: Record<string, string> = {}) {
  const process = startKoncli(['wg', ...args.slice(0, 2), '-n', namespace, ...args.slice(2)], { kubeconfig, env });
  return { ...process, said: listen(process) };
}

describe.each(DISTRUST)('a server whose certificate %s', (_, keyPair, reason) => {
  it('ends no wait', async () => {
    const setting = await newSetting();
    const wait = start(setting, ['wait', 'batch', '-v']);
    await wait.said('watch=true');
    setting.proxy.presentCertificate(keyPair);
    await wait.said('is not trusted');
    const sent = setting.proxy.requests.length;
    await wait.said('retrying in');
    await setting.direct('done', 'batch');
    expect(setting.proxy.requests).toHaveLength(sent);
    setting.proxy.presentCertificate();
    const { code, stderr } = await wait.result;
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringMatching(reason) });
  });

  it('takes no finished work of a run', async () => {
    const setting = await newSetting();
    const { run, finish } = startRun(setting);
    await run.said('working');
    setting.proxy.presentCertificate(keyPair);
    finish();
    await run.said('is not trusted');
    setting.proxy.presentCertificate();
    const { code, stderr } = await run.result;
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringMatching(reason) });
  });

  it('ends a first contact at once', async () => {
    const setting = await newSetting();
    setting.proxy.presentCertificate(keyPair);
    for (const verb of ['get', 'wait', 'add']) {
      const { code, stderr } = await start(setting, [verb, 'batch']).result;
      expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(reason) });
    }
    const calls = [['get', 'batch'] as const];
    const [outcome] = await runCalls('node', { ...setting, calls });
    expect(outcome?.error).toMatch(/^UntrustedServerError: /);
    expect(outcome?.error).toMatch(reason);
    expect(setting.proxy.requests).toEqual([]);
  });
});

it('takes no finished work of a run that had not reached the server before', async () => {
  const setting = await newSetting();
  setting.proxy.refuseConnections();
  const { run, finish } = startRun(setting, '--no-add');
  await run.said('working');
  setting.proxy.presentCertificate(stranger);
  await setting.proxy.acceptConnections();
  finish();
  await run.said('is not trusted');
  setting.proxy.presentCertificate();
  expect(await run.result).toMatchObject({ code: 0 });
  expect(await setting.direct('wait', 'batch', '--timeout', '0')).toMatchObject({ code: 0 });
});

it('a CA that is replaced in the kubeconfig after the server ends no wait', async () => {
  const setting = await newSetting();
  const wait = start(setting, ['wait', 'batch', '-v']);
  await wait.said('watch=true');
  setting.proxy.presentCertificate(stranger);
  await wait.said('is not trusted');
  const { server } = setting.proxy.connection;
  writeKubeconfig(setting.kubeconfig, { server: server.origin, authority: other.cert, credentials: stranger });
  await setting.direct('done', 'batch');
  const { code, stderr } = await wait.result;
  expect({ code, stderr }).toMatchObject({ code: 0 });
});

/** A run whose command says that it works, and ends when it is told to. */
function startRun(setting: Setting, ...flags: string[]) {
  const file = join(controlPlane.directory, `finish-${randomBytes(4).toString('hex')}`);
  const script = 'echo working >&2; until [ -e "$0" ]; do sleep 0.05; done';
  const env = { PATH: process.env.PATH ?? '' };
  const run = start(setting, ['run', 'batch', ...flags, '--', 'sh', '-c', script, file], env);
  return { run, finish: () => writeFileSync(file, '') };
}
