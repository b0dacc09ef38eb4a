// npm run release -- --dry-run: makes everything that a release consists of, in dist/release, and prints the commands that
// would publish it. Nothing is published by it.
import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writeChecksums } from './release/checksums.ts';
import { makeConstructs } from './release/constructs.ts';
import { makeExecutables } from './release/executables.ts';
import { makeImages } from './release/images.ts';
import { makeKrewManifest } from './release/krew.ts';
import { makeChart, makeManifests } from './release/kubernetes.ts';
import { releaseNotes } from './release/notes.ts';
import { makePackages } from './release/packages.ts';
import { publicationCommands } from './release/publication.ts';
import { obstacles } from './release/readiness.ts';
import { readText, VERSION } from './release/version.ts';
import { root } from './root.ts';

// biome-ignore lint/suspicious/noConfusingVoidType: most return nothing
type Made = readonly string[] | void;

/** Each returns what it could not make on this machine, if anything. */
const STEPS: readonly [what: string, make: (folder: string) => Made | Promise<Made>][] = [
  ['the executables', makeExecutables],
  ['the plugin’s manifest for krew', makeKrewManifest],
  ['the images', makeImages],
  ['the npm packages', makePackages],
  ['the constructs for other languages', makeConstructs],
  ['the manifests', makeManifests],
  ['the Helm chart', makeChart],
  ['the release notes', makeNotes],
  ['the checksums', writeChecksums],
];

try {
  const { values } = parseArgs({ options: { 'dry-run': { type: 'boolean', default: false } } });
  if (!values['dry-run'])
    throw new Error('nothing of this project is published yet: --dry-run makes everything and prints the commands');
  await makeRelease(join(root, 'dist/release'));
} catch (error) {
  console.error(`konductor: ${(error as Error).message}`);
  process.exit(1);
}

async function makeRelease(folder: string): Promise<void> {
  const unfinished = `${folder}.${process.pid}`;
  const missing: string[] = [];
  try {
    mkdirSync(unfinished, { recursive: true });
    for (const [what, make] of STEPS) {
      console.error(`konductor: making ${what} of ${VERSION} ...`);
      missing.push(...((await make(unfinished)) ?? []));
    }
    rmSync(folder, { recursive: true, force: true });
    renameSync(unfinished, folder);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
  report(readdirSync(folder).sort(), [...obstacles(), ...missing]);
}

function makeNotes(folder: string): void {
  writeFileSync(join(folder, 'RELEASE-NOTES.md'), releaseNotes(readText('CHANGELOG.md'), VERSION).notes);
}

function report(names: readonly string[], problems: readonly string[]): void {
  console.log(`dist/release has ${names.length} files:`);
  for (const name of names) console.log(`  ${name}`);
  for (const problem of problems) console.log(`not ready to publish: ${problem}`);
  console.log(
    'Before you publish, .ci/run must have passed for this commit. These commands would publish it, in dist/release:',
  );
  for (const command of publicationCommands(names)) console.log(`  ${command}`);
}
