// Kubeconfigs with mistakes, read by the compiled koncli and, beside it, by kubectl.
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, openSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { createAuthority } from '../../control-plane/access/x509.ts';
import { koncliPath } from '../../support/processes/executables.ts';
import { koncli, startKoncli } from '../../support/processes/koncli-process.ts';
import { kubectl } from '../../support/processes/kubectl.ts';
import { eventually } from '../../support/waiting/eventually.ts';

const controlPlane = inject('controlPlane');
const other = createAuthority('other').issue({ commonName: 'other' });
const base64 = (text: string) => Buffer.from(text).toString('base64');

interface Config {
  apiVersion?: string;
  kind?: string;
  readonly contexts: { readonly context: object }[];
  readonly clusters: { readonly cluster: Record<string, unknown> }[];
  readonly users: { readonly user: Record<string, unknown> }[];
}

/** The path of the administrator's kubeconfig with a mistake. */
function kubeconfigWith(change: (config: Config) => void): string {
  const config: Config = JSON.parse(readFileSync(controlPlane.kubeconfig, 'utf8'));
  change(config);
  return write(JSON.stringify(config));
}

function write(content: string | Buffer): string {
  const path = join(controlPlane.directory, `mistake-${randomBytes(4).toString('hex')}`);
  writeFileSync(path, content);
  return path;
}

const ofCluster = (fields: object) => (config: Config) =>
  config.clusters.forEach(({ cluster }) => void Object.assign(cluster, fields));
const ofUser = (fields: object) => (config: Config) =>
  config.users.forEach(({ user }) => void Object.assign(user, fields));
const twice = (list: 'contexts' | 'clusters' | 'users') => (config: Config) =>
  void config[list].push(...(config[list] as never[]));

const readByKubectl = (kubeconfig: string) => kubectl(controlPlane, ['get', '--raw', '/version'], { kubeconfig });
const readByKoncli = (kubeconfig: string) => koncli(['wg', 'list'], { kubeconfig });

describe('koncli rejects what kubectl rejects, and names the entry:', () => {
  it.each<[string, (config: Config) => void, string]>([
    ['a context twice', twice('contexts'), 'is defined twice'],
    ['a cluster twice', twice('clusters'), 'is defined twice'],
    ['a user twice', twice('users'), 'is defined twice'],
    ['invalid base64', ofCluster({ 'certificate-authority-data': '%%%' }), 'is not valid base64'],
    ['no PEM', ofCluster({ 'certificate-authority-data': base64('x') }), 'contains no certificate in PEM format'],
    ['a directory', ofUser({ tokenFile: '/etc' }), 'tokenFile of user "konductor" is /etc, which is a directory'],
    [
      'a certificate without a key',
      ofUser({ 'client-key-data': undefined }),
      'has a client-certificate but no client-key',
    ],
    ['the key of another', ofUser({ 'client-key-data': base64(other.key) }), 'does not belong to the client key'],
    ['a text for a flag', ofCluster({ 'insecure-skip-tls-verify': 'true' }), 'is neither true nor false'],
    ['a CA that is not used', ofCluster({ 'insecure-skip-tls-verify': true }), 'remove one of them'],
    ['one group', ofUser({ as: 'ada', 'as-groups': 'one' }), 'is not a list of strings'],
    ['another kind', (config) => void Object.assign(config, { kind: 'Pod' }), 'contains the kind Pod of v1'],
    ['an auth provider of a cloud', ofUser({ 'auth-provider': { name: 'gcp' } }), 'gke-gcloud-auth-plugin'],
  ])('%s', async (_, change, problem) => {
    const kubeconfig = kubeconfigWith(change);
    expect((await readByKubectl(kubeconfig)).code).toBe(1);
    const { code, stdout, stderr } = await readByKoncli(kubeconfig);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain(problem);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });
});

describe('koncli rejects a kubeconfig that is made to exhaust it:', () => {
  const levels = Array.from({ length: 12 }, (_, level) => `a${level}: &a${level} [${`*a${level - 1},`.repeat(9)}]`);
  it.each([
    ['brackets', '['.repeat(200_000), 'is nested too deeply'],
    ['aliases', ['a0: &a0 [x]', ...levels.slice(1)].join('\n'), 'has too many aliases'],
    ['a long mistake', `${'k: 1\n'.repeat(50_000)}}`, 'is not valid YAML'],
  ])('%s', async (_, content, problem) => {
    const kubeconfig = write(content);
    const stderr = `koncli: kubeconfig ${kubeconfig} ${problem}\n`;
    expect(await koncli(['wg', 'list'], { kubeconfig })).toEqual({ code: 1, stdout: '', stderr });
  });
});

describe('koncli accepts what kubectl accepts:', () => {
  const content = () => readFileSync(controlPlane.kubeconfig, 'utf8');
  it.each<[string, () => string]>([
    [
      'neither kind nor version',
      () => kubeconfigWith((config) => void Object.assign(config, { kind: '', apiVersion: null })),
    ],
    [
      'a key beside the certificates of the CA',
      () =>
        kubeconfigWith(({ clusters }) => {
          for (const { cluster } of clusters) {
            const ca = Buffer.from(String(cluster['certificate-authority-data']), 'base64');
            cluster['certificate-authority-data'] = base64(other.key + ca);
          }
        }),
    ],
    ['UTF-16', () => write(Buffer.from(`\ufeff${content()}`, 'utf16le'))],
    ['UTF-16, big-endian', () => write(Buffer.from(`\ufeff${content()}`, 'utf16le').swap16())],
  ])('%s', async (_, kubeconfig) => {
    const path = kubeconfig();
    expect((await readByKubectl(path)).code).toBe(0);
    expect((await readByKoncli(path)).code).toBe(0);
  });

  it('a pipe of the shell', () => {
    const line = `"${koncliPath()}" --kubeconfig <(sleep 0.1; cat "${controlPlane.kubeconfig}") waitgroup list -o json`;
    expect(JSON.parse(execFileSync('bash', ['-c', line], { encoding: 'utf8' }))).toMatchObject({ kind: 'List' });
  });
});

describe('koncli, while a pipe has not passed the whole kubeconfig,', () => {
  function openPipe(): string {
    const path = join(controlPlane.directory, `pipe-${randomBytes(4).toString('hex')}`);
    execFileSync('mkfifo', [path]);
    const descriptor = openSync(path, 'r+');
    onTestFinished(() => closeSync(descriptor));
    return path;
  }

  it('observes its time limit', async () => {
    const kubeconfig = openPipe();
    expect(await koncli(['wg', 'list', '--timeout', '100ms'], { kubeconfig })).toEqual({
      code: 1,
      stdout: '',
      stderr: `koncli: kubeconfig ${kubeconfig} is a pipe whose content was not complete within 100ms\n`,
    });
  });

  it('ends on a signal', async () => {
    const kubeconfig = openPipe();
    const wait = startKoncli(['wg', 'wait', 'batch'], { kubeconfig });
    const files = `/proc/${wait.process.pid}/fd`;
    await eventually('koncli reading the pipe', () =>
      readdirSync(files).some((file) => readlinkSync(join(files, file)) === kubeconfig),
    );
    wait.process.kill('SIGTERM');
    expect(await wait.result).toMatchObject({ code: 143, stderr: 'koncli: stopped by SIGTERM\n' });
  });
});
