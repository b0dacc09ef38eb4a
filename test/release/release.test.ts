// npm run release -- --dry-run makes everything that a release consists of, and publishes nothing.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { Readable } from 'node:stream';
import { gunzipSync } from 'node:zlib';
import { Spec, Validation } from '@cyclonedx/cyclonedx-library';
import { extract } from 'tar-stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { bundledPackages } from '../../scripts/executables/bundled-packages.ts';
import { compile } from '../../scripts/executables/compile.ts';
import { executables, executablesFor, koncliExecutable, targets } from '../../scripts/executables/executables.ts';
import { NOTICES } from '../../scripts/executables/notices.ts';
import { archiveName } from '../../scripts/release/executables.ts';
import { KREW_MANIFEST } from '../../scripts/release/krew.ts';
import { makeChart } from '../../scripts/release/kubernetes.ts';
import { makePackages } from '../../scripts/release/packages.ts';
import { root } from '../../scripts/root.ts';
import { helm } from '../support/processes/helm.ts';

const RELEASE = join(root, 'dist/release');
const read = (name: string) => readFileSync(join(RELEASE, name));
const release = (...args: string[]) =>
  spawnSync('npm', ['run', '--silent', 'release', '--', ...args], { cwd: root, encoding: 'utf8' });
const sha256 = (content: Buffer) => createHash('sha256').update(content).digest('hex');

let printed: string;
let temporary: string;

beforeAll(() => {
  temporary = mkdtempSync(join(tmpdir(), 'konductor-release-'));
  rmSync(RELEASE, { recursive: true, force: true });
  const { status, stdout, stderr } = release('--dry-run');
  expect([status, stderr]).toEqual([0, expect.stringContaining('making the checksums')]);
  printed = stdout;
}, 900_000);

afterAll(() => rmSync(temporary, { recursive: true }));

async function entriesOf(archive: Buffer) {
  const entries = new Map<string, string>();
  const unpacking = Readable.from([gunzipSync(archive)]).pipe(extract() as never) as ReturnType<typeof extract>;
  for await (const entry of unpacking) {
    entries.set(entry.header.name, (entry.header.mode ?? 0).toString(8));
    entry.resume();
  }
  return Object.fromEntries(entries);
}

describe('a dry run', () => {
  it('makes the executables of all targets, each in an archive with its licenses', { timeout: 300_000 }, async () => {
    for (const target of targets)
      for (const { name } of executablesFor(target)) {
        const entries = await entriesOf(read(archiveName(name, target)));
        expect(entries).toEqual({ [name]: '755', LICENSE: '644', [NOTICES]: '644' });
      }
  });

  it('makes manifests, a chart that helm reads, packages and notes', async () => {
    expect(`${read('install.yaml')}`).toBe(readFileSync(join(root, 'cdk8s/manifests/install.yaml'), 'utf8'));
    const chart = await helm(['show', 'chart', join(RELEASE, 'konductor-0.1.0.tgz')], { home: temporary });
    expect(chart).toContain('version: 0.1.0');
    expect(readdirSync(RELEASE)).toEqual(
      expect.arrayContaining(['cdk8s', 'cli', 'client', 'schema'].map((name) => `konductor-${name}-0.1.0.tgz`)),
    );
    expect(readFileSync(join(root, 'CHANGELOG.md'), 'utf8')).toContain(`${read('RELEASE-NOTES.md')}`.trim());
  });

  it('makes a manifest for krew, with the checksums of the archives', () => {
    const { platforms }: { platforms: { uri: string; sha256: string }[] } = parse(`${read(KREW_MANIFEST)}`).spec;
    expect(platforms.map(({ uri }) => basename(uri))).toEqual(
      targets.filter((target) => !target.includes('musl')).map((target) => archiveName('koncli', target)),
    );
    for (const { uri, sha256: checksum } of platforms) expect(sha256(read(basename(uri)))).toBe(checksum);
  });

  it('has the checksum of every file', () => {
    const others = readdirSync(RELEASE).filter((name) => name !== 'SHA256SUMS');
    const lines = others.sort().map((name) => `${sha256(read(name))}  ${name}\n`);
    expect(`${read('SHA256SUMS')}`).toBe(lines.join(''));
  });

  it('prints what it made, what stands in the way, and the commands that would publish it', () => {
    for (const name of readdirSync(RELEASE)) expect(printed).toContain(`  ${name}\n`);
    expect(printed).toContain('not ready to publish: CHANGELOG.md says "unreleased" in place of the date of 0.1.0\n');
    expect(printed).toContain('  npm publish --provenance --access public konductor-client-0.1.0.tgz\n');
  });

  it.each(['python', 'java'])('makes the constructs for %s, or says why not', (language) => {
    const made = readdirSync(RELEASE).some((name) => name.endsWith({ python: '.whl', java: '.jar' }[language] ?? ''));
    const isMissing = printed.includes(`not ready to publish: the constructs for ${language} were not made: `);
    expect(isMissing).toBe(!made);
  });

  it('makes the Go module of the constructs', async () => {
    const entries = await entriesOf(read('konductor-cdk8s-go-0.1.0.tar.gz'));
    expect(Object.keys(entries)).toEqual(
      expect.arrayContaining(['go.mod', 'LICENSE', 'WaitGroup.go'].map((name) => `konductor/${name}`)),
    );
  });
});

it('publishes nothing without --dry-run, either', () => {
  const { status, stdout, stderr } = release();
  expect([status, stdout]).toEqual([1, '']);
  expect(stderr).toContain('nothing of this project is published yet');
});

describe('the SBOMs', () => {
  const sboms = () => readdirSync(RELEASE).filter((name) => name.endsWith('.cdx.json'));
  const parse = (name: string) => JSON.parse(`${read(name)}`);

  it('are there for every archive and package', () => {
    const artifacts = readdirSync(RELEASE).filter((name) => /\.(tgz|tar\.gz|tar|whl|jar)$/.test(name));
    expect(sboms().sort()).toEqual(artifacts.map((name) => `${name}.cdx.json`).sort());
  });

  it('are valid CycloneDX 1.6, which a broken one is not', async () => {
    const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6);
    for (const name of sboms()) expect([name, await validator.validate(`${read(name)}`)]).toEqual([name, null]);
    const broken = `${read(sboms()[0] ?? '')}`.replace('"type"', '"typ"');
    expect(await validator.validate(broken)).not.toBeNull();
  });

  it('describe the file that they lie beside', () => {
    for (const name of sboms()) {
      const [hash] = parse(name).metadata.component.hashes;
      expect(hash).toEqual({ alg: 'SHA-256', content: sha256(read(name.replace('.cdx.json', ''))) });
    }
  });

  it('list what is in the executable: its packages and its runtime', () => {
    const purls = bundledPackages(koncliExecutable).map(
      ({ name, version }) => `pkg:npm/${name.replace('@', '%40')}@${version}`,
    );
    const { version } = JSON.parse(readFileSync(join(root, 'node_modules/bun/package.json'), 'utf8'));
    const found = parse(`${archiveName('koncli', 'linux-arm64-musl')}.cdx.json`).components.map(
      ({ purl }: { purl: string }) => purl,
    );
    expect(found.sort()).toEqual([...purls, `pkg:npm/%40oven/bun-linux-aarch64-musl@${version}`].sort());
  });

  it('list what npm installs with a package', () => {
    const found = parse('konductor-schema-0.1.0.tgz.cdx.json').components;
    expect(found.map(({ name }: { name: string }) => name)).toEqual(['typebox']);
    expect(found[0]).toMatchObject({ hashes: [{ alg: 'SHA-512' }], licenses: [{ license: { id: 'MIT' } }] });
  });
});

describe('the same sources', () => {
  it('give the same packages, chart and SBOMs', async () => {
    makePackages(temporary);
    await makeChart(temporary);
    const made = readdirSync(temporary).filter((name) => /\.(tgz|tar\.gz|whl|json)$/.test(name));
    expect(made).toHaveLength(8);
    for (const name of made)
      expect([name, sha256(readFileSync(join(temporary, name)))]).toEqual([name, sha256(read(name))]);
  });

  it.each(executables)('give the same $name, whatever the folder', (executable) => {
    const notices = join(temporary, NOTICES);
    writeFileSync(notices, readFileSync(join(root, executable.path, '..', NOTICES)));
    const outfile = join(temporary, executable.name);
    compile({ ...executable, outfile }, [notices]);
    const [again, built] = [outfile, join(root, executable.path)].map((path) => readFileSync(path));
    expect(sha256(again ?? Buffer.of())).toBe(sha256(built ?? Buffer.of()));
    expect(built?.includes(root)).toBe(false);
  });
});
