// One setting names the repository of the images everywhere. Tried on a copy of the repository.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { IMAGE_REPOSITORY } from '../../cdk8s/src/version.ts';
import { root } from '../../scripts/root.ts';

const SETTING = '.projenrc.ts';
const OTHER = 'registry.example.org:5000/team/wait';
/** What tells of the past, or of both names. */
const EXCEPTIONS = /^(CHANGELOG\.md|docs\/decisions\/|test\/release\/image-repository)/;

let copy: string;
let files: string[];
const read = (path: string) => readFileSync(join(copy, path), 'utf8');

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'konductor-copy-'));
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  });
  files = listed
    .trim()
    .split('\n')
    .filter((path) => !EXCEPTIONS.test(path));
  for (const path of files) cpSync(join(root, path), join(copy, path));
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  writeFileSync(join(copy, SETTING), read(SETTING).replace(`'${IMAGE_REPOSITORY}'`, `'${OTHER}'`));
  execFileSync('npm', ['run', '--silent', 'synth'], { cwd: copy });
}, 600_000);

afterAll(() => rmSync(copy, { recursive: true }));

it('is written to all files by npm run synth', () => {
  expect(files.filter((path) => read(path).includes(IMAGE_REPOSITORY))).toEqual([]);
});

it('names the images in manifests, chart, constructs and documents', () => {
  const named = files.filter((path) => read(path).includes(OTHER)).map((path) => dirname(path));
  expect([...new Set(named)]).toEqual(
    expect.arrayContaining(['.', 'cdk8s/charts/konductor', 'cdk8s/manifests', 'cdk8s/src', 'docs/guides']),
  );
});
