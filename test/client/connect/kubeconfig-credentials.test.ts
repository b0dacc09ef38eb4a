import { delimiter } from 'node:path';
import { ConnectionError, type Credentials, kubeconfigConnection } from '@konductor/client';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { kubeconfig } from './kubeconfig-builder.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');

async function connectAs(user: object, { cluster = {}, directory = temporaryDirectory() } = {}) {
  return kubeconfigConnection({ path: directory.write('config', kubeconfig({ name: 'one', cluster, user })) });
}

/** All that the bundle holds is trusted, roots or not. */
const TRUSTED = { ca: 'ca', allowPartialTrustChain: true };

/** TLS material as text, whether it came as a Buffer or not. */
function readTls({ tls }: Credentials): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(tls).map(([name, value]) => [name, value instanceof Buffer ? `${value}` : value]),
  );
}

afterEach(() => void vi.useRealTimers());

describe('the credentials of a kubeconfig', () => {
  it('are a client certificate, inline', async () => {
    const user = { 'client-certificate-data': base64('cert'), 'client-key-data': base64('key') };
    const cluster = { 'certificate-authority-data': base64('ca') };
    const credentials = await (await connectAs(user, { cluster })).credentials();
    expect(readTls(credentials)).toEqual({ ...TRUSTED, cert: 'cert', key: 'key' });
    expect(credentials.headers).toEqual({});
  });

  it('are a client certificate in files beside the kubeconfig', async () => {
    const directory = temporaryDirectory();
    for (const name of ['ca', 'cert', 'key']) directory.write(name, name);
    const user = { 'client-certificate': 'cert', 'client-key': 'key' };
    const connection = await connectAs(user, { cluster: { 'certificate-authority': 'ca' }, directory });
    expect(readTls(await connection.credentials())).toEqual({ ...TRUSTED, cert: 'cert', key: 'key' });
  });

  it('are read again from their files as these are replaced, but not for every request', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    const directory = temporaryDirectory();
    for (const name of ['token', 'cert', 'key']) directory.write(name, 'first');
    const user = { tokenFile: 'token', 'client-certificate': 'cert', 'client-key': 'key' };
    const connection = await connectAs(user, { directory });
    const expectAll = async (content: string) => {
      const credentials = await connection.credentials();
      expect(readTls(credentials)).toEqual({ cert: content, key: content });
      expect(credentials.headers).toEqual({ authorization: `Bearer ${content}` });
    };
    await expectAll('first');
    for (const name of ['token', 'cert', 'key']) directory.write(name, 'second');
    vi.advanceTimersByTime(9_000);
    await expectAll('first');
    vi.advanceTimersByTime(2_000);
    await expectAll('second');
  });

  it('are relative to the file of a list that names them', async () => {
    const [one, two] = [temporaryDirectory(), temporaryDirectory()];
    one.write('token', 'of one');
    two.write('token', 'of two');
    const first = one.write('config', kubeconfig({ name: 'one', user: { tokenFile: 'token' } }));
    const second = two.write('config', kubeconfig({ name: 'two', user: { tokenFile: 'token' } }));
    const connection = await kubeconfigConnection({ path: [first, second].join(delimiter), context: 'two' });
    expect((await connection.credentials()).headers).toEqual({ authorization: 'Bearer of two' });
  });

  it('are those of the kubeconfig once it has changed and the old ones were rejected', async () => {
    const directory = temporaryDirectory();
    const connection = await connectAs({ token: 'first' }, { directory });
    const token = async () => (await connection.credentials()).headers.authorization;
    directory.write('config', 'being written');
    connection.renew();
    expect(await token()).toBe('Bearer first');
    directory.write('config', kubeconfig({ name: 'one', user: { token: 'second' } }));
    expect(await token()).toBe('Bearer first');
    connection.renew();
    expect(await token()).toBe('Bearer second');
  });

  it("are nobody's where the context names nobody", async () => {
    const content = kubeconfig({ name: 'one', cluster: { 'certificate-authority-data': base64('ca') } });
    const path = temporaryDirectory().write('config', content.replace('"user":"one"', '"namespace":"jobs"'));
    const credentials = await (await kubeconfigConnection({ path })).credentials();
    expect(readTls(credentials)).toEqual(TRUSTED);
    expect(credentials.headers).toEqual({});
  });

  it('are a user and a password', async () => {
    const connection = await connectAs({ username: 'ada', password: 'pass' });
    expect((await connection.credentials()).headers).toEqual({ authorization: `Basic ${base64('ada:pass')}` });
  });

  it('name the impersonated user and groups', async () => {
    const user = {
      token: 't',
      as: 'ada',
      'as-uid': 'u-1',
      'as-groups': ['one', 'two'],
      'as-user-extra': { 'example.com/Scopes': ['a', 'b'] },
    };
    expect((await (await connectAs(user)).credentials()).headers).toEqual({
      authorization: 'Bearer t',
      'impersonate-user': 'ada',
      'impersonate-uid': 'u-1',
      'impersonate-group': ['one', 'two'],
      'impersonate-extra-example.com%2Fscopes': ['a', 'b'],
    });
    const nobody = await connectAs({ token: 't', 'as-groups': ['one'] });
    await expect(nobody.credentials()).rejects.toThrow(
      new ConnectionError(
        'user "one" of the kubeconfig has as-groups, as-uid or as-user-extra but no as: name the user to act as',
      ),
    );
  });

  it('keep the cluster’s TLS settings', async () => {
    const cluster = { 'tls-server-name': 'kubernetes', 'insecure-skip-tls-verify': true };
    const connection = await connectAs({ token: 't' }, { cluster });
    expect(readTls(await connection.credentials())).toEqual({ servername: 'kubernetes', rejectUnauthorized: false });
  });
});

describe('a token file of a kubeconfig', () => {
  it.each(['token', 'PATH/token'])('is read, without its line break, from %s', async (tokenFile) => {
    const directory = temporaryDirectory();
    directory.write('token', 'first\n');
    const user = { token: 'stale', tokenFile: tokenFile.replace('PATH', directory.path) };
    const connection = await connectAs(user, { directory });
    expect((await connection.credentials()).headers).toEqual({ authorization: 'Bearer first' });
  });

  it('is read again when the token was rejected', async () => {
    const directory = temporaryDirectory();
    directory.write('token', 'first');
    const connection = await connectAs({ tokenFile: 'token' }, { directory });
    await connection.credentials();
    directory.write('token', 'second');
    connection.renew();
    expect((await connection.credentials()).headers).toEqual({ authorization: 'Bearer second' });
  });

  it('that is missing leaves the token beside it, if there is one', async () => {
    const connection = await connectAs({ token: 'kept', tokenFile: '/nowhere/token' });
    expect((await connection.credentials()).headers).toEqual({ authorization: 'Bearer kept' });
  });

  it('that is empty is named in one line', async () => {
    const directory = temporaryDirectory();
    const connection = await connectAs({ tokenFile: directory.write('token', '\n') }, { directory });
    await expect(connection.credentials()).rejects.toThrow(/^the kubeconfig's credentials .*token is empty$/);
  });

  it('that is missing is named in one line', async () => {
    const connection = await connectAs({ tokenFile: '/nowhere/token' });
    await expect(connection.credentials()).rejects.toBeInstanceOf(ConnectionError);
    await expect(connection.credentials()).rejects.toThrow(/^the kubeconfig's credentials .*\/nowhere\/token.*$/);
  });
});

const NO_CREDENTIAL =
  'printed no ExecCredential of client.authentication.k8s.io/v1 with a token, or a certificate and its key';

describe('an exec plugin of a kubeconfig', () => {
  /** A plugin whose first token is `token-1`, the next `token-2`. */
  function plugin(directory: ReturnType<typeof temporaryDirectory>, end = '}}') {
    const script = `#!/bin/sh
echo x >> "$COUNT"
printf '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"token-%d"${end}' "$(wc -l < "$COUNT")"
`;
    const command = directory.write('plugin', script, 0o700);
    const env = [{ name: 'COUNT', value: `${directory.path}/count` }];
    return {
      exec: { apiVersion: 'client.authentication.k8s.io/v1', command, args: [], env, interactiveMode: 'Never' },
    };
  }

  it('is called once, and again when its token was rejected', async () => {
    const directory = temporaryDirectory();
    const connection = await connectAs(plugin(directory), { directory });
    const token = async () => (await connection.credentials()).headers.authorization;
    expect([await token(), await token()]).toEqual(['Bearer token-1', 'Bearer token-1']);
    connection.renew();
    expect(await token()).toBe('Bearer token-2');
  });

  it.each([
    ['fails', 'exit 3', 'failed with exit code 3'],
    ['is killed', 'kill -9 $$', 'was terminated by SIGKILL'],
    ['prints no JSON', 'echo hello', NO_CREDENTIAL],
    ['prints nothing', 'true', NO_CREDENTIAL],
    ['prints something else', `echo '{"kind":"Status","status":"Failure"}'`, NO_CREDENTIAL],
    ['prints a credential without any', `echo '{"kind":"ExecCredential","status":{}}'`, NO_CREDENTIAL],
    [
      'prints a certificate alone',
      `echo '{"kind":"ExecCredential","status":{"clientCertificateData":"c"}}'`,
      NO_CREDENTIAL,
    ],
  ])('that %s is reported in one line', async (_, script, what) => {
    const directory = temporaryDirectory();
    const command = directory.write('plugin', `#!/bin/sh\n${script}\n`, 0o700);
    const connection = await connectAs({ exec: { command, args: null } }, { directory });
    await expect(connection.credentials()).rejects.toThrow(
      new ConnectionError(`the kubeconfig's credentials cannot be used: the exec plugin ${command} ${what}`),
    );
  });

  it.each([
    ['does not exist', { command: '/nowhere/plugin' }, /: the exec plugin \/nowhere\/plugin cannot be run: .*ENOENT$/],
    [
      'does not exist, and how to get it',
      { command: '/nowhere/plugin', installHint: 'apt install plugin\nor so' },
      /ENOENT: apt install plugin$/,
    ],
    ['is not named', { args: ['--login'] }, /: the exec plugin names no command$/],
  ])('that %s is reported in one line', async (_, exec, message) => {
    const connection = await connectAs({ exec });
    await expect(connection.credentials()).rejects.toThrow(message);
  });

  it('is called again when its credentials have expired, and once for concurrent requests', async () => {
    const directory = temporaryDirectory();
    const expired = `,"expirationTimestamp":"2026-01-02T03:04:05Z"}}`;
    const { exec } = plugin(directory, expired);
    const connection = await connectAs({ exec }, { directory });
    const token = async () => (await connection.credentials()).headers.authorization;
    expect(await Promise.all([token(), token()])).toEqual(['Bearer token-1', 'Bearer token-1']);
    expect(await token()).toBe('Bearer token-2');
  });

  it('gives a certificate', async () => {
    const directory = temporaryDirectory();
    const status = { clientCertificateData: 'cert', clientKeyData: 'key' };
    directory.write('bin', `#!/bin/sh\necho '${JSON.stringify({ kind: 'ExecCredential', status })}'\n`, 0o700);
    // Beside the kubeconfig, as client-go reads it.
    const connection = await connectAs({ exec: { command: './bin' } }, { directory });
    expect(readTls(await connection.credentials())).toEqual({ cert: 'cert', key: 'key' });
  });

  it('receives what is requested of it, and the cluster if it asks for that', async () => {
    const directory = temporaryDirectory();
    const script = `#!/bin/sh\nprintf '{"kind":"ExecCredential","status":{"token":"%s"}}' "$(echo "$KUBERNETES_EXEC_INFO" | base64 | tr -d '\\n')"\n`;
    const command = directory.write('plugin', script, 0o700);
    const extension = { audience: 'one', list: [1, 'two'] };
    const infoFor = async (more: object, fields: object = {}) => {
      const exec = { apiVersion: 'client.authentication.k8s.io/v1beta1', command, interactiveMode: 'Never', ...more };
      const connection = await connectAs(
        { exec },
        { directory, cluster: { 'tls-server-name': 'kubernetes', ...fields } },
      );
      const { authorization = '' } = (await connection.credentials()).headers;
      return JSON.parse(`${Buffer.from(String(authorization).replace('Bearer ', ''), 'base64')}`);
    };
    const info = { apiVersion: 'client.authentication.k8s.io/v1beta1', kind: 'ExecCredential' };
    expect(await infoFor({})).toEqual({ ...info, spec: { interactive: false } });
    const cluster = { server: 'https://one:6443', 'tls-server-name': 'kubernetes', config: null };
    expect(await infoFor({ provideClusterInfo: true })).toEqual({ ...info, spec: { interactive: false, cluster } });
    const extensions = [{ name: 'other' }, { name: 'client.authentication.k8s.io/exec', extension }];
    expect(await infoFor({ provideClusterInfo: true }, { extensions })).toEqual({
      ...info,
      spec: { interactive: false, cluster: { ...cluster, config: extension } },
    });
  });

  it.each([
    [{ token: 'secret' }, { headers: { authorization: 'Bearer secret' } }],
    [{ username: 'ada', password: 'pass' }, { headers: { authorization: `Basic ${base64('ada:pass')}` } }],
    [{ 'client-certificate-data': base64('cert') }, { tls: { cert: Buffer.from('cert') } }],
  ])('is not run beside %j, as in kubectl', async (fields, expected) => {
    const connection = await connectAs({ ...fields, exec: { command: '/nowhere/plugin' } });
    expect(await connection.credentials()).toMatchObject(expected);
  });
});
