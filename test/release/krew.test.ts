// krew, kubectl's plugin manager, takes the manifest of the plugin and installs it from its archive.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { koncliExecutable } from '../../scripts/executables/executables.ts';
import { NOTICES } from '../../scripts/executables/notices.ts';
import { archiveFiles } from '../../scripts/release/archive.ts';
import { KREW_MANIFEST, krewManifest } from '../../scripts/release/krew.ts';
import { root } from '../../scripts/root.ts';
import { platform } from '../control-plane/binaries/versions.ts';
import { kubectl } from '../support/processes/kubectl.ts';

const hasGo = spawnSync('go', ['version']).status === 0;
const MODULE = join(import.meta.dirname, 'krew');

let folder: string;
let manifest: string;
let archive: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'konductor-krew-'));
  manifest = join(folder, KREW_MANIFEST);
  archive = join(folder, 'koncli.tar.gz');
  await archiveFiles(archive, {
    koncli: { path: join(root, koncliExecutable.path), isExecutable: true },
    LICENSE: { path: join(root, 'LICENSE') },
    [NOTICES]: { path: join(root, 'cli/dist', NOTICES) },
  });
});
afterAll(() => rmSync(folder, { recursive: true }));

function run(tool: string, ...args: readonly string[]) {
  const env = { ...process.env, KREW_ROOT: join(folder, 'krew') };
  const { status, stderr } = spawnSync('go', ['tool', tool, ...args], { cwd: MODULE, env, encoding: 'utf8' });
  return { status, stderr };
}

const sha256 = () => createHash('sha256').update(readFileSync(archive)).digest('hex');
const url = 'https://example.com/koncli.tar.gz';
const write = (...platforms: { platform: string; sha256: string }[]) =>
  writeFileSync(manifest, krewManifest({ version: '0.1.0', archives: platforms.map((one) => ({ ...one, url })) }));

describe.skipIf(!hasGo)('the plugin for krew', { timeout: 300_000 }, () => {
  it('has a manifest that krew takes', () => {
    write(...['linux-amd64', 'linux-arm64', 'darwin-arm64'].map((one) => ({ platform: one, sha256: sha256() })));
    expect(run('validate-krew-manifest', '-skip-install', '-manifest', manifest)).toMatchObject({ status: 0 });
  });

  it.each([
    ['a platform twice', ['linux-amd64', 'linux-amd64'], 'a'.repeat(64), 'overlapping platform selectors'],
    ['a platform that there is not', ['linux-x64'], 'a'.repeat(64), "doesn't match any supported platforms"],
    ['no checksum', ['linux-amd64'], '', '`sha256` sum has to be set'],
  ])('would be rejected with %s', (_, platforms, checksum, message) => {
    write(...platforms.map((one) => ({ platform: one, sha256: checksum })));
    const { status, stderr } = run('validate-krew-manifest', '-skip-install', '-manifest', manifest);
    expect(status).not.toBe(0);
    expect(stderr).toContain(message);
  });

  it('is installed from its archive, and not from another one', async () => {
    write({ platform, sha256: 'a'.repeat(64) });
    const install = () => run('krew', 'install', `--manifest=${manifest}`, `--archive=${archive}`);
    expect(install().stderr).toContain('checksum does not match');
    write({ platform, sha256: sha256() });
    expect(install()).toMatchObject({ status: 0 });
    const path = `${join(folder, 'krew/bin')}:${process.env.PATH}`;
    const { stdout } = await kubectl(inject('controlPlane'), ['konductor', 'version'], { path });
    expect(stdout).toContain('0.1.0');
  });
});
