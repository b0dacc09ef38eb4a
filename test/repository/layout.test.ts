import { execFileSync } from 'node:child_process';
import { posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { floors } from '../../scripts/floors.ts';
import { root } from '../../scripts/root.ts';

const MOST_FILES_OF_A_FOLDER = 25;

const sources = execFileSync('git', ['ls-files', '*.ts', '*.mjs'], { cwd: root, encoding: 'utf8' }).trim().split('\n');
const folders = [...new Set(sources.map((file) => posix.dirname(file)))];

describe('the layout', () => {
  it.each(Object.entries(floors))('%s: every folder has its floor', (workspace, order) => {
    const src = `${workspace}/src`;
    const found = folders.filter((folder) => folder.startsWith(`${src}/`)).map((folder) => posix.relative(src, folder));
    expect(order.flat().sort()).toEqual(found.sort());
  });

  it('has no folder with too many files to read at a glance', () => {
    const crowded = folders.filter(
      (folder) => sources.filter((file) => posix.dirname(file) === folder).length > MOST_FILES_OF_A_FOLDER,
    );
    expect(crowded).toEqual([]);
  });
});
