import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, posix } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { floors } from '../../scripts/floors.ts';
import { root } from '../../scripts/root.ts';

let folder: string;

/** The project's rules in a folder of their own: a file in the real sources would make the executables stale. */
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'konductor-imports-'));
  const config = JSON.parse(readFileSync(join(root, 'biome.json'), 'utf8'));
  writeFileSync(join(folder, 'biome.json'), JSON.stringify({ ...config, vcs: { enabled: false } }));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** What Biome reports for these sources, by path. */
function lint(sources: Readonly<Record<string, string>>): string {
  for (const [path, source] of Object.entries(sources)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), source);
  }
  const flags = ['lint', '--max-diagnostics=none', '--reporter=github', '.'];
  return spawnSync(join(root, 'node_modules/.bin/biome'), flags, { cwd: folder, encoding: 'utf8' }).stdout;
}

const isRefused = (report: string, path: string) => report.includes(`/${path},line=`);

describe('imports of other packages', () => {
  it.each([
    ['schema', "import '@konductor/client';\n"],
    ['client', "export * from '@konductor/operator';\n"],
    ['client', "await import('../../cli/src/main.ts');\n"],
    ['operator', "import '@konductor/cli';\n"],
    ['cli', "import '../../operator/src/main.ts';\n"],
    ['cdk8s', "import '@konductor/client';\n"],
  ])('from %s: the linter rejects %s', (workspace, source) => {
    const [lowest = ''] = floors[workspace]?.flat() ?? [];
    const inFolder = source.replace('../../', '../../../');
    const report = lint({ [`${workspace}/src/probe.ts`]: source, [`${workspace}/src/${lowest}/probe.ts`]: inFolder });
    expect(report.match(/Imports go schema <- client/g)).toHaveLength(2);
  });

  it('from cli: the linter accepts @konductor/client', () => {
    const report = lint({
      'cli/src/features/run/accepted.ts': "import '@konductor/client';\n",
      'cli/src/features/run/refused.ts': "import '@konductor/operator';\n",
    });
    expect(isRefused(report, 'cli/src/features/run/accepted.ts')).toBe(false);
    expect(isRefused(report, 'cli/src/features/run/refused.ts')).toBe(true);
  });
});

describe('imports between the folders of a package', () => {
  it.each(Object.entries(floors))('%s: only those of a floor below are accepted', (workspace, order) => {
    const folders = order.flat();
    const level = (name: string) => order.findIndex((floor) => floor.includes(name));
    const pairs = folders.flatMap((from) => folders.filter((to) => to !== from).map((to) => ({ from, to })));
    const probes = pairs.map(({ from, to }, index) => {
      const specifier = posix.relative(from, to).replace(/^(?!\.)/, './');
      return { from, to, path: `${workspace}/src/${from}/probe${index}.ts`, source: `import '${specifier}/x.ts';\n` };
    });
    const report = lint(Object.fromEntries(probes.map(({ path, source }) => [path, source])));
    const refused = probes.filter(({ path }) => isRefused(report, path));
    const upward = probes.filter(({ from, to }) => level(to) >= level(from));
    expect(refused.map(({ path }) => path)).toEqual(upward.map(({ path }) => path));
  });

  it('the root of a package is above its folders, but for errors.ts and version.ts', () => {
    const source = (file: string) => `import '../${file}.ts';\n`;
    const path = (file: string) => `cli/src/process/${file}.ts`;
    const files = ['index', 'koncli', 'errors', 'version'];
    const report = lint(Object.fromEntries(files.map((file) => [path(file), source(file)])));
    expect(files.filter((file) => isRefused(report, path(file)))).toEqual(['index', 'koncli']);
  });
});

it('the linter rejects a circle of files, even one of types', () => {
  const source = (own: string, other: string) => `import type { ${other} } from './${other.toLowerCase()}.ts';
export type ${own} = ${other};\n`;
  const report = lint({ 'client/src/core/a.ts': source('A', 'B'), 'client/src/core/b.ts': source('B', 'A') });
  expect(report).toContain('noImportCycles');
});
