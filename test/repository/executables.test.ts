import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { digestPath, type Executable, inputsDigest, isStale } from '../../scripts/executables/executables.ts';
import { root } from '../../scripts/root.ts';

let folder: string;
let executable: Executable;
const source = () => join(folder, 'src/deep/main.ts');

/** One that was just compiled, from sources of its own. */
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'konductor-executable-'));
  const workspace = relative(root, folder);
  const path = join(workspace, 'dist');
  executable = { name: 'koncli', entry: '', path, workspaces: [workspace], formatFlags: [] };
  mkdirSync(join(folder, 'src/deep'), { recursive: true });
  writeFileSync(source(), 'one');
  writeFileSync(join(folder, 'package.json'), '{}');
  writeFileSync(join(root, path), 'compiled');
  writeFileSync(join(root, digestPath(executable)), inputsDigest(executable));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('an executable', () => {
  it('is fresh when it was compiled from the sources as they are, whatever their times', () => {
    utimesSync(source(), new Date(), new Date(Date.now() + 60_000));
    expect(isStale(executable)).toBe(false);
  });

  it.each<[string, () => void]>([
    ['a source has changed', () => writeFileSync(source(), 'two')],
    ['a source has come', () => writeFileSync(join(folder, 'src/new.ts'), '')],
    ['a source has gone', () => rmSync(source())],
    ['its package has changed', () => writeFileSync(join(folder, 'package.json'), '{"version": "2"}')],
    ['it is missing', () => rmSync(join(root, executable.path))],
    ['nobody knows what it was compiled from', () => rmSync(join(root, digestPath(executable)))],
  ])('is stale when %s', (_, change) => {
    change();
    expect(isStale(executable)).toBe(true);
  });
});
