// Connections to the API server through a proxy. The server's name can be reached only through one.
import { describe, expect, inject, it } from 'vitest';
import { createAuthority, type KeyPair } from '../../control-plane/access/x509.ts';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import {
  type ForwardProxy,
  startForwardProxy,
  startSilentServer,
  startSocksProxy,
} from '../../support/network/forward-proxy.ts';
import { changedKubeconfig, listen } from '../../support/processes/koncli-fixtures.ts';
import { koncli, startKoncli } from '../../support/processes/koncli-process.ts';
import { runCalls } from '../../support/processes/runtimes.ts';
import { eventually } from '../../support/waiting/eventually.ts';

const controlPlane = inject('controlPlane');
const upstream = new URL(controlPlane.server);
const authority = createAuthority('proxy');
const tls: KeyPair = authority.issue({ commonName: 'proxy' }, ['127.0.0.1']);
const SERVER = 'kubernetes.default.svc';
const LOGIN = 'ada:p@ss:word';
const ESCAPED_LOGIN = 'ada:p%40ss%3Aword';

interface Way {
  readonly server?: string;
  readonly proxyUrl?: string;
}

/** Leads to the API server by a name of its certificate. It trusts the proxy's authority as well. */
function kubeconfigTo({ server = `https://${SERVER}`, proxyUrl }: Way = {}): Promise<string> {
  return changedKubeconfig(controlPlane, ({ clusters }) => {
    for (const one of clusters) {
      const data = (one.cluster as Record<string, string>)['certificate-authority-data'] ?? '';
      const bundle = `${Buffer.from(data, 'base64')}\n${authority.cert}`;
      Object.assign(one.cluster, {
        server,
        'certificate-authority-data': Buffer.from(bundle).toString('base64'),
        ...(proxyUrl && { 'proxy-url': proxyUrl }),
      });
    }
  });
}

/** As the scheme says, with a login where one is in the URL. */
async function startProxy(scheme: string): Promise<{ readonly proxy: ForwardProxy; readonly url: string }> {
  const login = scheme.includes('@') ? { login: LOGIN } : {};
  const proxy = scheme.startsWith('socks')
    ? await startSocksProxy({ upstream, ...login })
    : await startForwardProxy({ upstream, ...login, ...(scheme.startsWith('https') && { tls }) });
  return { proxy, url: scheme + proxy.address };
}

const SCHEMES = ['http://', `http://${ESCAPED_LOGIN}@`, 'https://', 'socks5://', `socks5://${ESCAPED_LOGIN}@`];

describe.each(SCHEMES)('through a proxy of %s', (scheme) => {
  it('koncli counts and waits', async () => {
    const namespace = await createNamespace(controlPlane, 'proxy');
    const { proxy, url } = await startProxy(scheme);
    const options = { kubeconfig: await kubeconfigTo(), env: { HTTPS_PROXY: url, NO_PROXY: '10.0.0.0/8' } };
    const run = (...args: string[]) => koncli(['wg', ...args, '-n', namespace], options);
    expect(await run('create', 'batch')).toMatchObject({ code: 0 });
    expect(await run('add', 'batch')).toMatchObject({ code: 0, stderr: '' });
    const wait = startKoncli(['wg', 'wait', 'batch', '-v', '--timeout', '30s', '-n', namespace], options);
    await listen(wait)('watch=true');
    expect(await run('done', 'batch')).toMatchObject({ code: 0 });
    expect(await wait.result).toMatchObject({ code: 0 });
    expect(new Set(proxy.targets)).toEqual(new Set([`${SERVER}:443`]));
  });
});

describe.each(['http://', 'https://', 'socks5://'])('through a proxy of %s', (scheme) => {
  it.each(['node', 'bun'] as const)('the client counts and waits on %s', async (runtime) => {
    const namespace = await createNamespace(controlPlane, 'proxy');
    const { proxy, url } = await startProxy(scheme);
    const outcomes = await runCalls(runtime, {
      kubeconfig: await kubeconfigTo(),
      env: { HTTPS_PROXY: url, NO_PROXY: '' },
      namespace,
      calls: [
        ['create', { name: 'batch' }],
        ['add', 'batch', 1],
        [
          ['wait', 'batch', { timeoutMs: 30_000 }],
          ['done', 'batch', 1],
        ],
      ],
    });
    expect(outcomes).toEqual([
      { verb: 'create' },
      { verb: 'add', counter: 1 },
      { verb: 'wait', counter: 0 },
      { verb: 'done', counter: 0 },
    ]);
    expect(new Set(proxy.targets)).toEqual(new Set([`${SERVER}:443`]));
  });
});

const STALLS: readonly (readonly [what: string, start: () => Promise<{ scheme: string; proxy: ForwardProxy }>])[] = [
  [
    'it does not respond to CONNECT',
    async () => ({ scheme: 'http://', proxy: await startForwardProxy({ upstream, isSilent: true }) }),
  ],
  [
    'it speaks TLS and does not respond to CONNECT',
    async () => ({ scheme: 'https://', proxy: await startForwardProxy({ upstream, tls, isSilent: true }) }),
  ],
  [
    'nothing comes after its 200',
    async () => ({
      scheme: 'http://',
      proxy: await startForwardProxy({ upstream: new URL(`https://${(await startSilentServer()).address}`) }),
    }),
  ],
  [
    'nothing comes after its SOCKS reply',
    async () => ({
      scheme: 'socks5://',
      proxy: await startSocksProxy({ upstream: new URL(`https://${(await startSilentServer()).address}`) }),
    }),
  ],
  ['it does not respond to SOCKS', async () => ({ scheme: 'socks5://', proxy: await startSilentServer() })],
];

describe.each(STALLS)('a proxy that stalls: %s', (_, start) => {
  it.each(['node', 'bun'] as const)('is left when time runs out, on %s', async (runtime) => {
    const { scheme, proxy } = await start();
    const outcome = runCalls(runtime, {
      kubeconfig: await kubeconfigTo({ proxyUrl: scheme + proxy.address }),
      namespace: 'default',
      calls: [['get', 'batch', { timeoutMs: 1_000 }]],
    });
    await eventually('a connection', () => proxy.connections > 0);
    // By itself it would give up only after 30 s.
    await eventually('the end of the connection', () => proxy.connections === 0, { timeoutMs: 20_000 });
    expect(await outcome).toMatchObject([
      { error: expect.stringMatching(/^TimedOutError: /), isServerUnavailable: true },
    ]);
  });
});

describe('koncli behind a proxy', () => {
  const addThrough = async (url: string, { timeout = '30s', ...way }: Way & { readonly timeout?: string } = {}) =>
    koncli(['wg', 'add', 'batch', '--timeout', timeout], {
      kubeconfig: await kubeconfigTo(way),
      env: { HTTPS_PROXY: url },
    });

  it('prefers the proxy of the kubeconfig, and names it in doctor', async () => {
    const proxy = await startForwardProxy({ upstream, login: LOGIN });
    const kubeconfig = await kubeconfigTo({ proxyUrl: `http://${ESCAPED_LOGIN}@${proxy.address}` });
    const { stdout } = await koncli(['doctor'], { kubeconfig, env: { HTTPS_PROXY: 'http://127.0.0.1:1' } });
    expect(stdout).toMatch(
      new RegExp(`API server +https://${SERVER} responded in \\d+ ms through the proxy http://${proxy.address}, Kub`),
    );
    expect(stdout).not.toContain('ada');
  });

  it('asks no proxy of the environment for what NO_PROXY names', async () => {
    const proxy = await startForwardProxy({ upstream });
    const env = { HTTPS_PROXY: `http://${proxy.address}`, NO_PROXY: '.invalid' };
    const kubeconfig = await kubeconfigTo({ server: 'https://nobody.invalid' });
    expect(await koncli(['wg', 'list', '--timeout', '1s'], { kubeconfig, env })).toMatchObject({ code: 5 });
    expect(proxy.targets).toEqual([]);
  });

  it.each([
    ['http://', '403 Forbidden', 'ask its administrator for access, or add the API server to NO_PROXY'],
    ['http://ada:secret@', '407 Proxy Authentication Required', 'check the user and password in its URL'],
  ])('ends at once when %s rejects: %s', async (scheme, refusal, advice) => {
    const proxy = await startForwardProxy({ upstream, refusal });
    const run = await addThrough(scheme + proxy.address);
    const line = `koncli: the proxy http://${proxy.address} responded ${refusal} to CONNECT ${SERVER}:443: ${advice}`;
    expect(run).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining(line) });
    expect(run.stderr).not.toContain('secret');
    expect(run.stderr.match(/\n/g)).toHaveLength(1);
    expect(proxy.targets).toHaveLength(1);
  });

  it('ends at once when a SOCKS proxy does not let it in or through', async () => {
    const strict = await startSocksProxy({ upstream, login: LOGIN });
    expect(await addThrough(`socks5://ada:secret@${strict.address}`)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`the proxy socks5://${strict.address} rejected the login: check the user`),
    });
    const narrow = await startSocksProxy({ upstream, reply: 2 });
    expect(await addThrough(`socks5://${narrow.address}`)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`did not connect to ${SERVER}:443 (NotAllowed): ask its administrator`),
    });
  });

  it('retries when the proxy is unavailable, or cannot reach the API server', async () => {
    const away = await startForwardProxy({ upstream });
    away.stop();
    const blind = await startForwardProxy({ upstream, refusal: '503 Service Unavailable' });
    const unreachable = await startSocksProxy({ upstream, reply: 4 });
    const silent = await startForwardProxy({ upstream, isSilent: true });
    const [ofAway, ofBlind, ofUnreachable, ofSilent] = await Promise.all([
      addThrough(`http://${away.address}`, { timeout: '5s' }),
      addThrough(`http://${blind.address}`, { timeout: '5s' }),
      addThrough(`socks5://${unreachable.address}`, { timeout: '5s' }),
      addThrough(`http://${silent.address}`, { timeout: '5s' }),
    ]);
    const nothing = (why: string) => ({ code: 5, stderr: expect.stringContaining(`${why}; nothing was changed`) });
    expect(ofAway).toMatchObject(
      nothing(`the proxy http://${away.address} cannot be used: connect ECONNREFUSED ${away.address}`),
    );
    expect(ofBlind).toMatchObject(nothing(`responded 503 Service Unavailable to CONNECT ${SERVER}:443`));
    expect(ofUnreachable).toMatchObject(nothing(`did not connect to ${SERVER}:443 (HostUnreachable)`));
    expect(ofSilent).toMatchObject(nothing('the API server did not respond'));
    expect(blind.targets.length).toBeGreaterThan(1);
  });

  it('goes on waiting when the proxy breaks and comes back', async () => {
    const namespace = await createNamespace(controlPlane, 'proxy');
    await koncli(['wg', 'create', 'batch', '-n', namespace], controlPlane);
    await koncli(['wg', 'add', 'batch', '-n', namespace], controlPlane);
    const proxy = await startForwardProxy({ upstream });
    const options = { kubeconfig: await kubeconfigTo({ proxyUrl: `http://${proxy.address}` }) };
    const wait = startKoncli(['wg', 'wait', 'batch', '-v', '--timeout', '40s', '-n', namespace], options);
    const said = listen(wait);
    await said('watch=true');
    proxy.stop();
    await said('is unavailable');
    await koncli(['wg', 'done', 'batch', '-n', namespace], controlPlane);
    await proxy.restart();
    expect(await wait.result).toMatchObject({ code: 0 });
  });

  it.each(['http://', 'https://', 'socks5://'])('trusts the API server behind %s by its own name', async (scheme) => {
    const { url } = await startProxy(scheme);
    for (const server of ['https://other.example', 'https://192.0.2.1'])
      expect(await addThrough(url, { server })).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/the server's certificate is not trusted: .*ERR_TLS_CERT_ALTNAME_INVALID/),
      });
  });

  it('reports that credentials are malformed', async () => {
    const { url } = await startProxy('http://');
    const key = Buffer.from(createAuthority('other').issue({ commonName: 'other' }).key).toString('base64');
    const kubeconfig = await changedKubeconfig(controlPlane, ({ clusters, users }) => {
      for (const { cluster } of clusters) cluster.server = `https://${SERVER}`;
      for (const { user } of users) Object.assign(user as object, { 'client-key-data': key });
    });
    expect(await koncli(['wg', 'add', 'batch'], { kubeconfig, env: { HTTPS_PROXY: url } })).toMatchObject({
      code: 1,
      stderr: 'koncli: the client certificate does not belong to the client key: check both in the kubeconfig\n',
    });
  });

  it('does not trust a proxy whose certificate nobody vouches for', async () => {
    const proxy = await startForwardProxy({
      upstream,
      tls: createAuthority('other').issue({ commonName: 'proxy' }, ['127.0.0.1']),
    });
    expect(await addThrough(`https://${proxy.address}`)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/the proxy https:\/\/\S+ is not trusted, .*: add its CA to NODE_EXTRA_CA_CERTS/),
    });
    expect(proxy.targets).toEqual([]);
  });

  it('reports an invalid proxy, and where it is set', async () => {
    expect(await addThrough('ftp://ada:secret@proxy.example')).toMatchObject({
      code: 1,
      stderr:
        'koncli: HTTPS_PROXY is not the URL of an http, https or socks5 proxy: write it like http://proxy.example:3128\n',
    });
    const { code, stderr } = await addThrough('', { proxyUrl: 'proxy.example:3128' });
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^koncli: kubeconfig \S+: proxy-url of cluster "\S+" is not the URL of an http, https or socks5 proxy: /,
    );
  });
});
