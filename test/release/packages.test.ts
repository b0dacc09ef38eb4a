import { execFileSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { root } from '../../scripts/root.ts';
import { run } from './fresh-project.ts';

interface LockedPackage {
  readonly version?: string;
}

const locked: Record<string, LockedPackage> = JSON.parse(
  readFileSync(join(root, 'package-lock.json'), 'utf8'),
).packages;

describe('the package tree', () => {
  it('holds no `request`, which the framework’s own client-node would bring', () => {
    expect(Object.keys(locked).filter((path) => path.endsWith('node_modules/request'))).toEqual([]);
    expect(globSync('{,*/}node_modules/{,@*/*/node_modules/}request/package.json', { cwd: root })).toEqual([]);
  });

  it('holds client-node 2.0.1 and no other', () => {
    const found = Object.entries(locked).filter(([path]) => path.endsWith('node_modules/@kubernetes/client-node'));
    expect(found.map(([, { version }]) => version)).toEqual(['2.0.1']);
  });

  it('runs the suite on Node 24', () => {
    expect(process.versions.node).toMatch(/^24\./);
    expect(execFileSync('node', ['--version'], { encoding: 'utf8' })).toMatch(/^v24\./);
  });
});

const PUBLISHED = ['schema', 'client', 'cli'] as const;

interface PackedPackage {
  readonly name: string;
  readonly files: readonly { readonly path: string }[];
}

describe('the published packages', () => {
  let packed: readonly PackedPackage[];

  beforeAll(() => {
    const workspaces = PUBLISHED.map((name) => `--workspace=${name}`);
    packed = JSON.parse(run('npm', ['pack', '--dry-run', '--json', ...workspaces], root));
  }, 120_000);

  const manifestOf = (name: string) => JSON.parse(readFileSync(join(root, name, 'package.json'), 'utf8'));
  const filesOf = (name: string) =>
    packed.find((one) => one.name === `@konductor/${name}`)?.files.map(({ path }) => path) ?? [];

  it.each(PUBLISHED)('%s carries its licence, a README and all that its manifest points at', (name) => {
    const { main, types, bin = {} } = manifestOf(name);
    const pointedAt = [main, types, ...Object.values<string>(bin)].map((path) => path.replace(/^\.\//, ''));
    expect(filesOf(name)).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'package.json', ...pointedAt]));
    expect(readFileSync(join(root, name, 'LICENSE'), 'utf8')).toBe(readFileSync(join(root, 'LICENSE'), 'utf8'));
  });

  it.each(PUBLISHED)('%s carries neither sources nor tests nor notes of the compiler', (name) => {
    const others = /^(lib\/.*\.(js|d\.ts|js\.map)|(manifests|charts)\/.*|package\.json|README\.md|LICENSE)$/;
    expect(filesOf(name).filter((file) => !others.test(file))).toEqual([]);
  });

  it.each(PUBLISHED)('%s has source maps that hold the sources', (name) => {
    const maps = filesOf(name).filter((file) => file.endsWith('.map'));
    expect(maps).not.toEqual([]);
    for (const file of maps) {
      const { sources, sourcesContent = [] } = JSON.parse(readFileSync(join(root, name, file), 'utf8'));
      expect([file, sourcesContent.filter(Boolean).length]).toEqual([file, sources.length]);
    }
  });

  it.each(PUBLISHED)('%s is built before it is packed', (name) => {
    expect(manifestOf(name).scripts).toEqual({ prepack: 'tsc -b' });
  });

  it('are all that is not private', () => {
    const workspaces: string[] = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).workspaces;
    expect(workspaces.filter((name) => !manifestOf(name).private).sort()).toEqual([...PUBLISHED].sort());
  });
});
