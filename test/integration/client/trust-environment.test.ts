// The variables by which other programs of the same image widen their trust change nothing of what a kubeconfig says.
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { createAuthority } from '../../control-plane/access/x509.ts';
import { type FaultProxy, startFaultProxy } from '../../faults/fault-proxy.ts';
import { stopWithTest } from '../../support/cluster/installed-operator.ts';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import { startForwardProxy } from '../../support/network/forward-proxy.ts';
import { listen } from '../../support/processes/koncli-fixtures.ts';
import { koncli, startKoncli } from '../../support/processes/koncli-process.ts';
import { startOperatorUnready } from '../../support/processes/operator.ts';
import { runCalls } from '../../support/processes/runtimes.ts';
import { eventually } from '../../support/waiting/eventually.ts';

const controlPlane = inject('controlPlane');
const other = createAuthority('other');
const stranger = other.issue({ commonName: 'stranger' }, ['127.0.0.1']);
const bundle = join(controlPlane.directory, 'widened.crt');
const env = {
  NODE_TLS_REJECT_UNAUTHORIZED: '0',
  NODE_EXTRA_CA_CERTS: bundle,
  SSL_CERT_FILE: bundle,
  NODE_USE_SYSTEM_CA: '1',
  NODE_OPTIONS: '--use-system-ca',
};

beforeAll(() => writeFileSync(bundle, other.cert));

interface Setting {
  readonly proxy: FaultProxy;
  readonly namespace: string;
  readonly kubeconfig: string;
}

async function newSetting(): Promise<Setting> {
  const namespace = await createNamespace(controlPlane, 'trust');
  const proxy = await startFaultProxy(controlPlane, namespace);
  const path = join(controlPlane.directory, `trust-${randomBytes(4).toString('hex')}.kubeconfig`);
  return { proxy, namespace, kubeconfig: proxy.writeKubeconfig(path) };
}

/** The kubeconfig leads through a proxy of this scheme. */
async function goThrough(scheme: string, { proxy, kubeconfig }: Setting): Promise<void> {
  const options = { upstream: proxy.connection.server, ...(scheme === 'https://' && { tls: stranger }) };
  const { address } = await startForwardProxy(options);
  const config = JSON.parse(readFileSync(kubeconfig, 'utf8'));
  config.clusters[0].cluster['proxy-url'] = scheme + address;
  writeFileSync(kubeconfig, JSON.stringify(config));
}

describe('with variables that turn verification off or add authorities, nothing is sent to a stranger', () => {
  it('by a watch of koncli', async () => {
    const { proxy, namespace, kubeconfig } = await newSetting();
    await koncli(['wg', 'create', 'batch', '--initial-count', '1', '-n', namespace], controlPlane);
    const wait = startKoncli(['wg', 'wait', 'batch', '-v', '-n', namespace], { kubeconfig, env });
    const said = listen(wait);
    await said('watch=true');
    const sent = proxy.requests.length;
    proxy.presentCertificate(stranger);
    await said('is not trusted: it was issued by "other"');
    expect(proxy.requests).toHaveLength(sent);
    wait.process.kill('SIGTERM');
    expect(await wait.result).toMatchObject({ code: 143 });
  });

  it.each([
    ['', undefined],
    [' through a proxy', 'http://'],
  ])('by a request%s', async (_, scheme) => {
    const { proxy, namespace, kubeconfig } = await newSetting();
    if (scheme) await goThrough(scheme, { proxy, namespace, kubeconfig });
    proxy.presentCertificate(stranger);
    const reason = 'is not trusted: it was issued by "other"';
    const line = { code: 1, stderr: expect.stringContaining(reason) };
    for (const verb of ['get', 'wait'])
      expect(await koncli(['wg', verb, 'batch', '-n', namespace], { kubeconfig, env })).toMatchObject(line);
    const calls = [
      ['get', 'batch'],
      ['wait', 'batch'],
    ] as const;
    for (const { error } of await runCalls('node', { kubeconfig, namespace, env, calls }))
      expect(error).toContain(reason);
    expect(proxy.requests).toEqual([]);
  });

  it('by the operator', async () => {
    const { proxy, kubeconfig } = await newSetting();
    proxy.presentCertificate(stranger);
    const operator = stopWithTest(await startOperatorUnready({ kubeconfig, env }));
    const isLogged = () => operator.log.some((line) => JSON.stringify(line).includes('is not trusted'));
    await eventually('the log line', isLogged);
    expect(proxy.requests).toEqual([]);
  });

  it('by a proxy that nobody vouches for', async () => {
    const { NODE_TLS_REJECT_UNAUTHORIZED } = env;
    const setting = await newSetting();
    await goThrough('https://', setting);
    const { kubeconfig, namespace } = setting;
    const options = { kubeconfig, env: { NODE_TLS_REJECT_UNAUTHORIZED } };
    expect(await koncli(['wg', 'get', 'batch'], options)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/the proxy https:\/\/\S+ is not trusted/),
    });
    const [outcome] = await runCalls('node', { ...options, namespace, calls: [['get', 'batch']] });
    expect(outcome?.error).toContain('is not trusted');
    expect(setting.proxy.requests).toEqual([]);
  });
});
