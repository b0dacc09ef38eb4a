import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, truncateSync } from 'node:fs';
import { ConnectionError, kubeconfigConnection } from '@konductor/client';
import { describe, expect, it } from 'vitest';
import { certificate, kubeconfig, privateKey } from './kubeconfig-builder.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');
const CERT = { 'client-certificate-data': base64(certificate('cert')) };
const KEY = { 'client-key-data': base64(privateKey('key')) };
const encrypted = privateKey('key').replaceAll('PRIVATE', 'ENCRYPTED PRIVATE');
const malformed = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';

/** The message of the error, without the path of the kubeconfig and of its folder. */
async function problemOf(user: object, cluster: object = {}): Promise<string> {
  const { path, write } = temporaryDirectory();
  mkdirSync(`${path}/folder`);
  symlinkSync('loop', `${path}/loop`);
  truncateSync(write('huge', ''), 2 ** 34);
  execFileSync('mkfifo', [`${path}/pipe`]);
  write('text', 'hello\n');
  write('blank', '\n');
  write('nothing', '');
  const config = write('config', kubeconfig({ name: 'one', user, cluster }));
  const error = await kubeconfigConnection({ path: config }).then(
    () => new Error('none'),
    (failure: Error) => failure,
  );
  if (error.message !== 'none') expect(error).toBeInstanceOf(ConnectionError);
  return error.message.replace(`kubeconfig ${config}: `, '').replace(`${path}/`, '');
}

describe('an entry of a kubeconfig is rejected, in a line that names it,', () => {
  it.each<[string, object, string]>([
    [
      'base64',
      { 'certificate-authority-data': '!!!' },
      'certificate-authority-data of cluster "one" is not valid base64',
    ],
    [
      'PEM',
      { 'certificate-authority-data': base64('x') },
      'certificate-authority-data of cluster "one" contains no certificate in PEM format',
    ],
    [
      'DER',
      { 'certificate-authority-data': base64(malformed) },
      'certificate-authority-data of cluster "one" contains a malformed certificate',
    ],
    [
      'a key in place of a certificate',
      { 'certificate-authority-data': KEY['client-key-data'] },
      'certificate-authority-data of cluster "one" contains no certificate in PEM format',
    ],
    [
      'a file without PEM',
      { 'certificate-authority': 'text' },
      'certificate-authority of cluster "one" is text, which contains no certificate in PEM format',
    ],
    [
      'a missing file',
      { 'certificate-authority': 'gone' },
      'certificate-authority of cluster "one" is gone, which does not exist',
    ],
    [
      'a directory',
      { 'certificate-authority': 'folder' },
      'certificate-authority of cluster "one" is folder, which is a directory',
    ],
    [
      'a loop',
      { 'certificate-authority': 'loop' },
      'certificate-authority of cluster "one" is loop, which is a loop of symbolic links',
    ],
    [
      'a huge file',
      { 'certificate-authority': 'huge' },
      'certificate-authority of cluster "one" is huge, which has more than 10 MiB',
    ],
    [
      'a text for a flag',
      { 'insecure-skip-tls-verify': 'true' },
      'insecure-skip-tls-verify of cluster "one" is neither true nor false: write it without quotes',
    ],
    [
      'a CA beside no verification',
      { 'insecure-skip-tls-verify': true, 'certificate-authority-data': base64(certificate('ca')) },
      'cluster "one" has both a certificate-authority and insecure-skip-tls-verify: remove one of them',
    ],
  ])('for the mistake of its cluster: %s', async (_, cluster, problem) => {
    expect(await problemOf({ token: 't' }, cluster)).toBe(problem);
  });

  it.each<[string, object, string]>([
    [
      'a certificate without a key',
      { ...CERT, token: 't' },
      'user "one" has a client-certificate but no client-key: set client-key or client-key-data',
    ],
    [
      'no key in PEM',
      { ...CERT, 'client-key-data': base64('x') },
      'client-key-data of user "one" contains no private key in PEM format',
    ],
    [
      'an encrypted key',
      { ...CERT, 'client-key-data': base64(encrypted) },
      'client-key-data of user "one" contains an encrypted private key: decrypt it',
    ],
    [
      'an empty certificate',
      { 'client-certificate': 'nothing', ...KEY },
      'client-certificate of user "one" is nothing, which contains no certificate in PEM format',
    ],
    [
      'a directory for a key',
      { ...CERT, 'client-key': 'folder' },
      'client-key of user "one" is folder, which is a directory',
    ],
    ['an empty token file', { tokenFile: 'blank' }, 'tokenFile of user "one" is blank, which is empty'],
    ['a missing token file', { tokenFile: 'gone' }, 'tokenFile of user "one" is gone, which does not exist'],
    ['a pipe', { tokenFile: 'pipe' }, 'tokenFile of user "one" is pipe, which is empty'],
    [
      'an endless token file',
      { tokenFile: '/dev/zero' },
      'tokenFile of user "one" is /dev/zero, which has more than 10 MiB',
    ],
    ['one group', { as: 'ada', 'as-groups': 'one' }, 'as-groups of user "one" is not a list of strings'],
    [
      'one extra value',
      { as: 'ada', 'as-user-extra': { key: 'x' } },
      'as-user-extra of user "one" does not have a list of strings for each key',
    ],
    [
      'groups of nobody',
      { token: 't', 'as-groups': ['one'] },
      'requesting uid, groups or user-extra without impersonating a user: name the user with --as',
    ],
  ])('for the mistake of its user: %s', async (_, user, problem) => {
    expect(await problemOf(user)).toBe(problem);
  });

  it.each<[string, object, object]>([
    ['a key without a certificate, which is not used', KEY, {}],
    ['an empty CA, which is none', {}, { 'certificate-authority': 'nothing' }],
    ['an empty CA beside no verification', {}, { 'insecure-skip-tls-verify': true, 'certificate-authority': '' }],
    [
      'line breaks in base64',
      {},
      { 'certificate-authority-data': base64(certificate('ca')).replace(/(.{20})/g, '$1\n') },
    ],
    [
      'a key beside the certificates of a CA',
      {},
      { 'certificate-authority-data': base64(privateKey('key') + certificate('ca')) },
    ],
  ])('but not for what kubectl accepts: %s', async (_, user, cluster) => {
    expect(await problemOf(user, cluster)).toBe('none');
  });
});
