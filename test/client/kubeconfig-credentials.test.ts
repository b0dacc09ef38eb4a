import { ConnectionError, type Credentials, kubeconfigConnection } from '@konductor/client';
import { describe, expect, it } from 'vitest';
import { kubeconfig } from './kubeconfig-builder.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');

async function connectAs(user: object, { cluster = {}, directory = temporaryDirectory() } = {}) {
  return kubeconfigConnection({ path: directory.write('config', kubeconfig({ name: 'one', cluster, user })) });
}

/** TLS material as text, whether it came as a Buffer or not. */
function readTls({ tls }: Credentials): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(tls).map(([name, value]) => [name, value instanceof Buffer ? `${value}` : value]),
  );
}

describe('the credentials of a kubeconfig', () => {
  it('are a client certificate, inline', async () => {
    const user = { 'client-certificate-data': base64('cert'), 'client-key-data': base64('key') };
    const cluster = { 'certificate-authority-data': base64('ca') };
    const credentials = await (await connectAs(user, { cluster })).credentials();
    expect(readTls(credentials)).toEqual({ ca: 'ca', cert: 'cert', key: 'key' });
    expect(credentials.headers).toEqual({});
  });

  it('are a client certificate in files beside the kubeconfig', async () => {
    const directory = temporaryDirectory();
    for (const name of ['ca', 'cert', 'key']) directory.write(name, name);
    const user = { 'client-certificate': 'cert', 'client-key': 'key' };
    const connection = await connectAs(user, { cluster: { 'certificate-authority': 'ca' }, directory });
    expect(readTls(await connection.credentials())).toEqual({ ca: 'ca', cert: 'cert', key: 'key' });
  });

  it('are a user and a password', async () => {
    const connection = await connectAs({ username: 'ada', password: 'pass' });
    expect((await connection.credentials()).headers).toEqual({ authorization: `Basic ${base64('ada:pass')}` });
  });

  it('keep what the cluster says of TLS', async () => {
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

  it('is read again when the token was refused', async () => {
    const directory = temporaryDirectory();
    directory.write('token', 'first');
    const connection = await connectAs({ tokenFile: 'token' }, { directory });
    await connection.credentials();
    directory.write('token', 'second');
    connection.renew();
    expect((await connection.credentials()).headers).toEqual({ authorization: 'Bearer second' });
  });

  it('that is missing is named in one line', async () => {
    const connection = await connectAs({ tokenFile: '/nowhere/token' });
    await expect(connection.credentials()).rejects.toBeInstanceOf(ConnectionError);
    await expect(connection.credentials()).rejects.toThrow(/^the kubeconfig's credentials .*\/nowhere\/token.*$/);
  });
});

describe('an exec plugin of a kubeconfig', () => {
  /** A plugin whose first token is `token-1`, the next `token-2`. */
  function plugin(directory: ReturnType<typeof temporaryDirectory>) {
    const script = `#!/bin/sh
echo x >> "$COUNT"
printf '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"token-%d"}}' "$(wc -l < "$COUNT")"
`;
    const command = directory.write('plugin', script, 0o700);
    const env = [{ name: 'COUNT', value: `${directory.path}/count` }];
    return {
      exec: { apiVersion: 'client.authentication.k8s.io/v1', command, args: [], env, interactiveMode: 'Never' },
    };
  }

  it('is asked once, and again when its token was refused', async () => {
    const directory = temporaryDirectory();
    const connection = await connectAs(plugin(directory), { directory });
    const token = async () => (await connection.credentials()).headers.authorization;
    expect([await token(), await token()]).toEqual(['Bearer token-1', 'Bearer token-1']);
    connection.renew();
    expect(await token()).toBe('Bearer token-2');
  });

  it.each([
    [
      'fails',
      '#!/bin/sh\necho "log in first" >&2; echo more >&2; exit 1\n',
      /^the kubeconfig's credentials cannot be used: log in first$/,
    ],
    ['prints no JSON', '#!/bin/sh\necho hello\n', /^the kubeconfig's credentials cannot be used: Unexpected token.*$/],
  ])('that %s is reported in one line', async (_, script, message) => {
    const directory = temporaryDirectory();
    const command = directory.write('plugin', script, 0o700);
    const connection = await connectAs({ exec: { command, args: [] } }, { directory });
    await expect(connection.credentials()).rejects.toThrow(message);
  });

  it('that does not exist is reported in one line', async () => {
    const connection = await connectAs({ exec: { command: '/nowhere/plugin' } });
    await expect(connection.credentials()).rejects.toThrow(
      /^the kubeconfig's credentials cannot be used: .*\/nowhere\/plugin.*$/,
    );
  });
});
