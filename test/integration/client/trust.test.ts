// Which API servers are trusted by which CA bundles: those that kubectl trusts, which is run beside koncli and the client.
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { createAuthority, type KeyPair } from '../../control-plane/access/x509.ts';
import { writeKubeconfig } from '../../control-plane/index.ts';
import { startFaultProxy } from '../../faults/fault-proxy.ts';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import { startForwardProxy } from '../../support/network/forward-proxy.ts';
import { changedKubeconfig, listen } from '../../support/processes/koncli-fixtures.ts';
import { koncli, startKoncli } from '../../support/processes/koncli-process.ts';
import { kubectl } from '../../support/processes/kubectl.ts';
import { runCalls } from '../../support/processes/runtimes.ts';

const controlPlane = inject('controlPlane');
const intermediate = createAuthority('root').intermediate('intermediate');
const serving = intermediate.issue({ commonName: 'server' }, ['127.0.0.1']);
const withIntermediate = { ...serving, cert: serving.cert + intermediate.cert };
const selfSigned = createAuthority('self').cert;

/** The way to a server with this certificate before the API server, by a kubeconfig with this bundle. */
async function kubeconfigTo(keyPair: KeyPair, bundle: string): Promise<string> {
  const { connection } = await startFaultProxy(controlPlane, 'default', keyPair);
  const path = join(controlPlane.directory, `trust-${randomBytes(4).toString('hex')}.kubeconfig`);
  return writeKubeconfig(path, { server: connection.server.href, authority: bundle, credentials: serving });
}

const kubectlTrusts = async (kubeconfig: string) =>
  (await kubectl(controlPlane, ['get', '--raw', '/version'], { kubeconfig })).code === 0;

/** Counts and waits by koncli on Bun, and by the client on Node. */
async function expectWork(kubeconfig: string, env: Record<string, string> = {}): Promise<void> {
  const namespace = await createNamespace(controlPlane, 'trust');
  const run = (...args: string[]) => koncli(['wg', ...args, '-n', namespace], { kubeconfig, env });
  expect(await run('create', 'batch', '--initial-count', '1')).toMatchObject({ code: 0, stderr: '' });
  const wait = startKoncli(['wg', 'wait', 'batch', '-v', '-n', namespace], { kubeconfig, env });
  await listen(wait)('watch=true');
  const calls = [['done', 'batch', 1] as const, ['wait', 'batch', { timeoutMs: 30_000 }] as const];
  expect(await runCalls('node', { kubeconfig, namespace, env, calls })).toEqual([
    { verb: 'done', counter: 0 },
    { verb: 'wait', counter: 0 },
  ]);
  expect(await wait.result).toMatchObject({ code: 0 });
}

async function expectDistrust(kubeconfig: string, code: RegExp): Promise<void> {
  expect(await kubectlTrusts(kubeconfig)).toBe(false);
  expect(await koncli(['wg', 'get', 'batch'], { kubeconfig })).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(code),
  });
  const [outcome] = await runCalls('node', { kubeconfig, namespace: 'default', calls: [['get', 'batch']] });
  expect(outcome?.error).toMatch(/^UntrustedServerError: /);
  expect(outcome?.error).toMatch(code);
}

describe('an API server is trusted, as by kubectl,', () => {
  it.each([
    ['an intermediate alone', serving, intermediate.cert],
    ['an intermediate that the server sends too', withIntermediate, intermediate.cert],
    ['the serving certificate itself', serving, serving.cert],
    ['one of several certificates', serving, selfSigned + intermediate.cert],
  ])('when the bundle holds %s', async (_, keyPair, bundle) => {
    const kubeconfig = await kubeconfigTo(keyPair, bundle);
    expect(await kubectlTrusts(kubeconfig)).toBe(true);
    await expectWork(kubeconfig);
  });

  it('when the bundle holds the certificate that it was started with', async () => {
    const certificate = readFileSync(join(controlPlane.directory, 'serving.crt'), 'base64');
    const kubeconfig = await changedKubeconfig(controlPlane, ({ clusters }) => {
      for (const { cluster } of clusters) Object.assign(cluster, { 'certificate-authority-data': certificate });
    });
    await expectWork(kubeconfig);
  });

  it('when the kubeconfig names no CA and the system has it', async () => {
    const kubeconfig = await kubeconfigTo(serving, intermediate.cert);
    const config = JSON.parse(readFileSync(kubeconfig, 'utf8'));
    delete config.clusters[0].cluster['certificate-authority-data'];
    writeFileSync(kubeconfig, JSON.stringify(config));
    const bundle = `${kubeconfig}.crt`;
    writeFileSync(bundle, selfSigned + intermediate.cert);
    await expectWork(kubeconfig, { SSL_CERT_FILE: bundle, SSL_CERT_DIR: '/nonexistent', NODE_EXTRA_CA_CERTS: '' });
  });

  it('through a proxy with TLS whose intermediate the bundle holds', async () => {
    const proxyAuthority = createAuthority('root of the proxy').intermediate('proxy');
    const kubeconfig = await kubeconfigTo(serving, proxyAuthority.cert + intermediate.cert);
    const config = JSON.parse(readFileSync(kubeconfig, 'utf8'));
    const { cluster } = config.clusters[0];
    const proxy = await startForwardProxy({
      upstream: new URL(cluster.server),
      tls: proxyAuthority.issue({ commonName: 'proxy' }, ['127.0.0.1']),
    });
    cluster['proxy-url'] = `https://${proxy.address}`;
    writeFileSync(kubeconfig, JSON.stringify(config));
    expect(await kubectlTrusts(kubeconfig)).toBe(true);
    await expectWork(kubeconfig);
    expect(proxy.targets).not.toEqual([]);
  });
});

describe('an API server is not trusted, as by kubectl,', () => {
  it.each([
    ['holds another certificate', withIntermediate, selfSigned, /UNABLE_TO_GET_ISSUER_CERT_LOCALLY/],
    [
      'holds another one of the same authority',
      serving,
      intermediate.issue({ commonName: 'other' }).cert,
      /UNABLE_TO_/,
    ],
  ])('when the bundle %s', async (_, keyPair, bundle, code) => {
    await expectDistrust(await kubeconfigTo(keyPair, bundle), code);
  });

  it('when the certificate that the bundle holds has another name', async () => {
    const other = intermediate.issue({ commonName: 'other' }, ['other.example']);
    await expectDistrust(await kubeconfigTo(other, other.cert), /ERR_TLS_CERT_ALTNAME_INVALID/);
  });
});
