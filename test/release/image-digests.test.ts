// The same sources give images with the same digests, whatever the folder, the umask, the time and the time zone.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { root } from '../../scripts/root.ts';
import { jsonAt, readArchive } from './image-archives.ts';

const NAMES = ['koncli', 'konductor-operator'];
const COPIED = ['.projenrc.ts', 'LICENSE', 'images', 'licenses', 'package-lock.json', 'package.json', 'scripts'];
const WORKSPACES = ['schema', 'client', 'operator', 'cli', 'cdk8s'];

let copy: string;

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'konductor-copy-'));
  for (const path of COPIED) cpSync(join(root, path), join(copy, path), { recursive: true });
  for (const name of WORKSPACES)
    for (const path of ['package.json', 'tsconfig.json', 'src'])
      cpSync(join(root, name, path), join(copy, name, path), { recursive: true });
  cpSync(join(root, 'tsconfig.base.json'), join(copy, 'tsconfig.base.json'));
  // Whole: Bun names parts of a program by the paths of modules relative to each other.
  cpSync(join(root, 'node_modules'), join(copy, 'node_modules'), { recursive: true, verbatimSymlinks: true });
}, 600_000);

afterAll(() => rmSync(copy, { recursive: true }));

/** Compiles what is stale: in the copy, all of it. */
async function digestsIn(folder: string, umask: string): Promise<unknown[]> {
  const env = { ...process.env, TZ: umask === '077' ? 'Asia/Tokyo' : 'UTC' };
  const command = `umask ${umask} && '${process.execPath}' --conditions=konductor-source scripts/images.ts`;
  const { status, stderr } = spawnSync('sh', ['-c', command], { cwd: folder, env, encoding: 'utf8' });
  expect([status, stderr]).toEqual([0, expect.stringContaining('building')]);
  const indexes = await Promise.all(NAMES.map(async (name) => jsonAt(await readArchive(name, folder), 'index.json')));
  return indexes.map(({ manifests }) => manifests);
}

it('gives images with the same digests in another folder', { timeout: 900_000 }, async () => {
  expect(readFileSync(join(copy, 'package-lock.json'))).toEqual(readFileSync(join(root, 'package-lock.json')));
  expect(await digestsIn(copy, '077')).toEqual(await digestsIn(root, '022'));
});
