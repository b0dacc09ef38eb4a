import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { floors } from '../../scripts/floors.ts';
import { root } from '../../scripts/root.ts';

const MOST_FILES_OF_A_FOLDER = 25;
/** koncli's has the most. */
const MOST_NAMES_OF_A_PACKAGE = 13;

const files = execFileSync('git', ['ls-files'], { cwd: root, encoding: 'utf8' }).trim().split('\n');
const foldersOf = (paths: readonly string[]) => [...new Set(paths.map((path) => posix.dirname(path)))];
const sources = files.filter((file) => /\.(ts|mjs)$/.test(file));

describe('the layout', () => {
  it.each(Object.entries(floors))('%s: every folder has its floor', (workspace, order) => {
    const src = `${workspace}/src`;
    const found = foldersOf(sources)
      .filter((folder) => folder.startsWith(`${src}/`))
      .map((folder) => posix.relative(src, folder));
    expect(order.flat().sort()).toEqual(found.sort());
  });

  it('has no folder with too many files to read at a glance', () => {
    const crowded = foldersOf(sources).filter(
      (folder) => sources.filter((file) => posix.dirname(file) === folder).length > MOST_FILES_OF_A_FOLDER,
    );
    expect(crowded).toEqual([]);
  });

  it.each(Object.keys(floors))('%s: its src is read at a glance', (workspace) => {
    const src = `${workspace}/src/`;
    const below = sources.filter((file) => file.startsWith(src)).map((file) => file.slice(src.length));
    const names = new Set(below.map((path) => path.replace(/\/.*/, '')));
    expect(names.size).toBeLessThanOrEqual(MOST_NAMES_OF_A_PACKAGE);
  });

  it('is the one that CONTRIBUTING shows', () => {
    const rows = readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8').matchAll(
      /^\| `((?:\w+\/src|scripts|test)\b[^`]*)` \|/gm,
    );
    expect([...rows].map(([, folder]) => folder).sort()).toEqual([...new Set(foldersOf(files).flatMap(shown))].sort());
  });
});

/** Every folder of a package and of the scripts; of the tests those that do not mirror a package's folders. */
function shown(folder: string): readonly string[] {
  const [top = '', second = '', third] = folder.split('/');
  if (top !== 'test') return second === 'src' || top === 'scripts' ? [folder] : [];
  const isDivided = ['integration', 'support', 'control-plane', 'faults'].includes(second);
  const divided = isDivided && third ? [`test/${second}/${third}`] : [];
  return second ? [`test/${second}`, ...divided] : [];
}
