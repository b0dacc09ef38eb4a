import { delimiter } from 'node:path';
import { ConnectionError, connect, type Impersonation, kubeconfigConnection } from '@konductor/client';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { certificate, kubeconfig, NO_AUTHORITIES, privateKey } from './kubeconfig-builder.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const ADA = { username: 'ada', password: 'pass' };
const BASIC = { authorization: `Basic ${base64('ada:pass')}` };
const PAIR = { cert: certificate('cert'), key: privateKey('key') };
const PAIR_DATA = { 'client-certificate-data': base64(PAIR.cert), 'client-key-data': base64(PAIR.key) };
const CA_DATA = { 'certificate-authority-data': base64(certificate('ca')) };
/** All that the bundle holds is trusted, roots or not. */
const TRUSTED = { ca: certificate('ca'), allowPartialTrustChain: true };

/** `read` returns the headers and the TLS material, as text, in one object. */
async function connectBy(path: string, context?: string) {
  const env = { ...process.env, ...NO_AUTHORITIES };
  const connection = await kubeconfigConnection({ path, env, ...(context && { context }) });
  const read = async (): Promise<Record<string, unknown>> => {
    const { headers, tls } = await connection.credentials();
    const material = Object.entries(tls).map(([name, value]) => [name, value instanceof Buffer ? `${value}` : value]);
    return { ...headers, ...Object.fromEntries(material) };
  };
  return { read, renew: connection.renew };
}

const connectAs = (user: object, cluster: object = {}, { write } = temporaryDirectory()) =>
  connectBy(write('config', kubeconfig({ name: 'one', cluster, user })));

function directoryWith(files: Readonly<Record<string, string>>) {
  const directory = temporaryDirectory();
  for (const [name, content] of Object.entries(files)) directory.write(name, content);
  return directory;
}

describe('the credentials of a kubeconfig', () => {
  const files = { ca: TRUSTED.ca, ...PAIR, token: 'first\n' };
  const filePair = { 'client-certificate': 'cert', 'client-key': 'key' };
  const lax = { 'tls-server-name': 'kubernetes', 'insecure-skip-tls-verify': true };
  it.each<[string, object, object, object]>([
    ['a client certificate, inline', PAIR_DATA, CA_DATA, { ...TRUSTED, ...PAIR }],
    ['a client certificate in files', filePair, { 'certificate-authority': 'ca' }, { ...TRUSTED, ...PAIR }],
    ['a user and a password', ADA, {}, BASIC],
    ['a token file without its line break', { token: 'stale', tokenFile: 'token' }, {}, bearer('first')],
    ['the token beside a token file that is missing', { token: 't', tokenFile: '/nowhere/token' }, {}, bearer('t')],
    ['TLS settings of the cluster', {}, lax, { servername: 'kubernetes', rejectUnauthorized: false }],
  ])('are %s', async (_, user, cluster, expected) => {
    expect(await (await connectAs(user, cluster, directoryWith(files))).read()).toEqual(expected);
  });

  it('are a token file that is named by its whole path', async () => {
    const { path } = directoryWith(files);
    expect(await (await connectAs({ tokenFile: `${path}/token` })).read()).toEqual(bearer('first'));
  });

  it('are read again from their files as these are replaced, but not for every request', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    onTestFinished(() => void vi.useRealTimers());
    const directory = temporaryDirectory();
    const pair = (content: string) => ({ cert: certificate(content), key: privateKey(content) });
    const fill = (content: string) =>
      Object.entries({ token: content, ...pair(content) }).map(([name, text]) => directory.write(name, text));
    const all = (content: string) => ({ ...pair(content), ...bearer(content) });
    fill('first');
    const { read } = await connectAs({ tokenFile: 'token', ...filePair }, {}, directory);
    expect(await read()).toEqual(all('first'));
    fill('second');
    vi.advanceTimersByTime(9_000);
    expect(await read()).toEqual(all('first'));
    vi.advanceTimersByTime(2_000);
    expect(await read()).toEqual(all('second'));
  });

  it('are relative to the file of a list that names them', async () => {
    const paths = ['one', 'two'].map((name) => {
      const user = { tokenFile: 'token' };
      return directoryWith({ token: `of ${name}` }).write('config', kubeconfig({ name, user }));
    });
    expect(await (await connectBy(paths.join(delimiter), 'two')).read()).toEqual(bearer('of two'));
  });

  it('are those of the kubeconfig once it has changed and the old ones were rejected', async () => {
    const directory = temporaryDirectory();
    const { read, renew } = await connectAs({ token: 'first' }, {}, directory);
    directory.write('config', 'being written');
    renew();
    expect(await read()).toEqual(bearer('first'));
    directory.write('config', kubeconfig({ name: 'one', user: { token: 'second' } }));
    expect(await read()).toEqual(bearer('first'));
    renew();
    expect(await read()).toEqual(bearer('second'));
  });

  it('are read again from a token file when the token was rejected', async () => {
    const directory = directoryWith({ token: 'first' });
    const { read, renew } = await connectAs({ tokenFile: 'token' }, {}, directory);
    await read();
    directory.write('token', 'second');
    renew();
    expect(await read()).toEqual(bearer('second'));
  });

  it('trust the CA of the kubeconfig as it is now, once the server was not trusted', async () => {
    const directory = directoryWith({ ca: certificate('first') });
    const write = (cluster: object) => directory.write('config', kubeconfig({ name: 'one', cluster }));
    const { read, renew } = await connectBy(write({ 'certificate-authority': 'ca' }));
    expect(await read()).toEqual({ ...TRUSTED, ca: certificate('first') });
    directory.write('ca', certificate('second'));
    renew('untrusted');
    expect(await read()).toEqual({ ...TRUSTED, ca: certificate('second') });
    write({ 'certificate-authority-data': base64(certificate('third')) });
    renew('untrusted');
    expect(await read()).toEqual({ ...TRUSTED, ca: certificate('third') });
    write({ 'certificate-authority': 'being-replaced' });
    renew('untrusted');
    expect(await read()).toEqual({ ...TRUSTED, ca: certificate('third') });
  });

  it("are nobody's where the context names nobody", async () => {
    const content = kubeconfig({ name: 'one', cluster: CA_DATA }).replace('"user":"one"', '"namespace":"jobs"');
    expect(await (await connectBy(temporaryDirectory().write('config', content))).read()).toEqual(TRUSTED);
  });

  it('name the impersonated user and groups', async () => {
    const extra = { 'as-user-extra': { 'example.com/Scopes': ['a', 'b'] } };
    const user = { token: 't', as: 'ada', 'as-uid': 'u-1', 'as-groups': ['one', 'two'], ...extra };
    expect(await (await connectAs(user)).read()).toEqual({
      ...bearer('t'),
      'impersonate-user': 'ada',
      'impersonate-uid': 'u-1',
      'impersonate-group': ['one', 'two'],
      'impersonate-extra-example.com%2Fscopes': ['a', 'b'],
    });
  });

  it.each<[string, Impersonation, object]>([
    ['the user', { user: 'bob' }, { 'impersonate-user': 'bob' }],
    ['the UID', { uid: 'u-2' }, { 'impersonate-uid': 'u-2' }],
    ['the groups', { groups: ['three'] }, { 'impersonate-group': ['three'] }],
    ['nothing', { user: '', uid: '', groups: [] }, {}],
  ])('impersonate what the caller asks for, as kubectl does: %s', async (_, impersonate, expected) => {
    const user = { token: 't', as: 'ada', 'as-uid': 'u-1', 'as-groups': ['one', 'two'] };
    const path = temporaryDirectory().write('config', kubeconfig({ name: 'one', user }));
    const { headers } = await (await connect({ env: {}, kubeconfig: path, impersonate })).credentials();
    expect(headers).toEqual({
      ...bearer('t'),
      'impersonate-user': 'ada',
      'impersonate-uid': 'u-1',
      'impersonate-group': ['one', 'two'],
      ...expected,
    });
  });
});

const API = 'client.authentication.k8s.io';
const NO_CREDENTIAL = `printed no ExecCredential of ${API}/v1 with a token, or a certificate and its key`;

describe('an exec plugin of a kubeconfig', () => {
  const printing = (status: object) => `printf %s '${JSON.stringify({ kind: 'ExecCredential', status })}'`;

  async function connectByPlugin(script: string, fields: object = {}, cluster: object = {}) {
    const directory = temporaryDirectory();
    const command = directory.write('plugin', `#!/bin/sh\n${script}\n`, 0o700);
    return { command, ...(await connectAs({ exec: { command, ...fields } }, cluster, directory)) };
  }

  /** The first token of the plugin is `token-1`, the next `token-2`. */
  function connectByCountingPlugin(end = '}}') {
    const credential = `{"apiVersion":"${API}/v1","kind":"ExecCredential","status":{"token":"token-%d"${end}`;
    const env = [{ name: 'COUNT', value: `${temporaryDirectory().path}/count` }];
    const fields = { apiVersion: `${API}/v1`, args: [], env, interactiveMode: 'Never' };
    return connectByPlugin(`echo x >> "$COUNT"\nprintf '${credential}' "$(wc -l < "$COUNT")"`, fields);
  }

  it('is called once, and again when its token was rejected', async () => {
    const { read, renew } = await connectByCountingPlugin();
    expect([await read(), await read()]).toEqual([bearer('token-1'), bearer('token-1')]);
    renew();
    expect(await read()).toEqual(bearer('token-2'));
  });

  it('is not called again when the server was not trusted, because that says nothing about its token', async () => {
    const { read, renew } = await connectByCountingPlugin();
    await read();
    renew('untrusted');
    expect(await read()).toEqual(bearer('token-1'));
    renew('unauthorized');
    expect(await read()).toEqual(bearer('token-2'));
  });

  it('is called again when its credentials have expired, and once for concurrent requests', async () => {
    const { read } = await connectByCountingPlugin(`,"expirationTimestamp":"2026-01-02T03:04:05Z"}}`);
    expect(await Promise.all([read(), read()])).toEqual([bearer('token-1'), bearer('token-1')]);
    expect(await read()).toEqual(bearer('token-2'));
  });

  it.each([
    ['fails', 'exit 3', 'failed with exit code 3'],
    ['is killed', 'kill -9 $$', 'was terminated by SIGKILL'],
    ['prints no JSON', 'echo hello', NO_CREDENTIAL],
    ['prints nothing', 'true', NO_CREDENTIAL],
    ['prints something else', `echo '{"kind":"Status","status":"Failure"}'`, NO_CREDENTIAL],
    ['prints a credential without any', printing({}), NO_CREDENTIAL],
    ['prints a certificate alone', printing({ clientCertificateData: 'c' }), NO_CREDENTIAL],
  ])('that %s is reported in one line', async (_, script, what) => {
    const { read, command } = await connectByPlugin(script, { args: null });
    await expect(read()).rejects.toThrow(
      new ConnectionError(`the kubeconfig's credentials cannot be used: the exec plugin ${command} ${what}`),
    );
  });

  const nowhere = { command: '/nowhere/plugin' };
  const hinted = { ...nowhere, installHint: 'apt install plugin\nor so' };
  it.each<[string, unknown, RegExp]>([
    ['does not exist', nowhere, /: the exec plugin \/nowhere\/plugin cannot be run: .*ENOENT$/],
    ['does not exist, and how to get it', hinted, /ENOENT: apt install plugin$/],
    ['is not named', { args: ['--login'] }, /: the exec plugin names no command$/],
    ['is not an object', 'login', /: the exec plugin names no command$/],
    ['has an unknown version', { ...nowhere, apiVersion: 'v9' }, /plugin has the apiVersion v9: set .*\/v1$/],
    ['has an unknown mode', { ...nowhere, interactiveMode: 'x' }, /has the interactiveMode x: set one of Never, .*$/],
    ['has one argument', { ...nowhere, args: 'x' }, /has args or env that are not a list$/],
  ])('that %s is reported in one line', async (_, exec, message) => {
    await expect((await connectAs({ exec })).read()).rejects.toThrow(message);
  });

  it('gives a certificate', async () => {
    // The command is relative to the kubeconfig, as in client-go.
    const status = { clientCertificateData: PAIR.cert, clientKeyData: PAIR.key };
    expect(await (await connectByPlugin(printing(status), { command: './plugin' })).read()).toEqual(PAIR);
  });

  it('receives what is requested of it, and the cluster if it asks for that', async () => {
    const encoded = `"$(echo "$KUBERNETES_EXEC_INFO" | base64 | tr -d '\\n')"`;
    const script = `printf '{"kind":"ExecCredential","status":{"token":"%s"}}' ${encoded}`;
    const infoFor = async (fields: object, cluster: object = {}) => {
      const exec = { apiVersion: `${API}/v1beta1`, interactiveMode: 'Never', ...fields };
      const { read } = await connectByPlugin(script, exec, { 'tls-server-name': 'kubernetes', ...cluster });
      return JSON.parse(`${Buffer.from(`${(await read()).authorization}`.replace('Bearer ', ''), 'base64')}`);
    };
    const info = (spec: object) => ({ apiVersion: `${API}/v1beta1`, kind: 'ExecCredential', spec });
    expect(await infoFor({})).toEqual(info({ interactive: false }));
    const cluster = { server: 'https://one:6443', 'tls-server-name': 'kubernetes', config: null };
    const asking = { provideClusterInfo: true };
    expect(await infoFor(asking)).toEqual(info({ interactive: false, cluster }));
    const config = { audience: 'one', list: [1, 'two'] };
    const extensions = [{ name: 'other' }, { name: `${API}/exec`, extension: config }];
    expect(await infoFor(asking, { extensions })).toEqual(
      info({ interactive: false, cluster: { ...cluster, config } }),
    );
  });

  it.each([
    [{ token: 'secret' }, bearer('secret')],
    [ADA, BASIC],
    [PAIR_DATA, PAIR],
  ])('is not run beside %j, as in kubectl', async (fields, expected) => {
    expect(await (await connectAs({ ...fields, exec: nowhere })).read()).toEqual(expected);
  });
});
