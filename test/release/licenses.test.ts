// Whoever gets an executable gets the licences of all that is in it.
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bundledPackages } from '../../scripts/executables/bundled-packages.ts';
import { BUNDLE_FLAGS, runTool } from '../../scripts/executables/compile.ts';
import { type Executable, executables } from '../../scripts/executables/executables.ts';
import { licenseTexts } from '../../scripts/executables/licenses.ts';
import { NOTICES } from '../../scripts/executables/notices.ts';
import { root } from '../../scripts/root.ts';
import { run } from './fresh-project.ts';

const ARGUMENTS = { koncli: ['version', '--licenses'], 'konductor-operator': ['--licenses'] };
const read = (path: string) => readFileSync(join(root, path), 'utf8');

describe.each(executables)('the licenses of $name', (executable) => {
  const { name, path } = executable;
  const printed = run(join(root, path), ARGUMENTS[name], root);
  const packages = bundledPackages(executable);

  it('are printed by the executable itself, and lie beside it', () => {
    expect(printed).toBe(read(join(path, '..', NOTICES)));
  });

  it('begin with that of the project and end with those of the runtime', () => {
    for (const text of ['LICENSE', 'licenses/bun.md', 'images/LGPL-2.1.txt'])
      expect(printed).toContain(read(text).trim());
  });

  it('name every package of the bundle, with the text that the package carries', () => {
    expect(packages.map((one) => one.name)).toEqual(expect.arrayContaining(['commander', 'yaml']));
    for (const one of packages) {
      expect(printed).toContain(`\n  ${one.name} ${one.version} (${one.license})\n`);
      for (const text of licenseTexts(one)) expect(printed).toContain(text);
    }
  });

  it('know the packages that source maps of the bundle name', () => {
    expect(packages.map(({ folder }) => folder).sort()).toEqual(foldersInSourceMaps(executable));
  });

  it('are those of packages that are compiled in, no others', () => {
    const listed = [...printed.matchAll(/^ {2}(\S+) (\S+) \(.*\)$/gm)].map(([, one, version]) => `${one}@${version}`);
    expect(listed.sort()).toEqual(packages.map((one) => `${one.name}@${one.version}`).sort());
    expect(printed).not.toContain('vitest');
  });
});

it('of the npm package of koncli are those of the project alone, because it contains nothing of others', () => {
  const koncli = ['--conditions=konductor-source', 'cli/src/main.ts'];
  expect(run(process.execPath, [...koncli, ...ARGUMENTS.koncli], root)).toBe(read('LICENSE'));
});

it('says what is in the Bun that is compiled in', () => {
  const { version } = JSON.parse(read('node_modules/bun/package.json'));
  expect(read('licenses/bun.md')).toContain(`Bun ${version} `);
  expect(read('licenses/bun.md').match(/bun-v[\d.]+(?=\/)/g)).toEqual([`bun-v${version}`, `bun-v${version}`]);
});

/** By another report of Bun than the one that the notices are made from. */
function foldersInSourceMaps({ entry, formatFlags }: Executable): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'konductor-source-maps-'));
  try {
    const flags = [...BUNDLE_FLAGS, ...formatFlags.filter((flag) => !flag.startsWith('--compile'))];
    runTool('bun', ['build', ...flags, '--target=bun', '--sourcemap=external', `--outdir=${folder}`, entry]);
    const maps = globSync('*.map', { cwd: folder }).map((map) => readFileSync(join(folder, map), 'utf8'));
    const sources: string[] = maps.flatMap((map) => JSON.parse(map).sources);
    const folders = sources.map(
      (source) => /(node_modules\/.*node_modules\/|node_modules\/)(@[^/]+\/)?[^/]+/.exec(source)?.[0],
    );
    return [...new Set(folders.filter((one) => one !== undefined))].sort();
  } finally {
    rmSync(folder, { recursive: true });
  }
}
