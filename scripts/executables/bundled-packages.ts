// Which npm packages an executable contains, as Bun's own report of the bundle says: not what package.json asks for.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../root.ts';
import { BUNDLE_FLAGS, type Program, runTool } from './compile.ts';

/** The part of a package's manifest that notices and SBOMs show. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  readonly homepage?: string;
}

export interface BundledPackage extends Manifest {
  /** A path relative to the root, as in package-lock.json. */
  readonly folder: string;
}

interface Metafile {
  readonly outputs: Readonly<
    Record<string, { readonly inputs: Readonly<Record<string, { readonly bytesInOutput: number }>> }>
  >;
}

/** Sorted by name and version. What tree shaking removed entirely is not among them. */
export function bundledPackages(program: Pick<Program, 'entry' | 'formatFlags'>): BundledPackage[] {
  const folders = new Set(bundledFiles(program).flatMap((file) => folderOf(file) ?? []));
  return [...folders].map(readPackage).sort((one, other) => idOf(one).localeCompare(idOf(other), 'en'));
}

const idOf = ({ name, version }: Manifest) => `${name}@${version}`;

function bundledFiles({ entry, formatFlags }: Pick<Program, 'entry' | 'formatFlags'>): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'konductor-bundle-'));
  try {
    const metafile = join(folder, 'metafile.json');
    const bundling = formatFlags.filter((flag) => !flag.startsWith('--compile') && !flag.startsWith('--target'));
    const output = ['--target=bun', `--outdir=${folder}`, `--metafile=${metafile}`];
    runTool('bun', ['build', ...BUNDLE_FLAGS, ...bundling, ...output, entry]);
    const { outputs }: Metafile = JSON.parse(readFileSync(metafile, 'utf8'));
    const inputs = Object.values(outputs).flatMap((output) => Object.entries(output.inputs));
    return inputs.flatMap(([file, { bytesInOutput }]) => (bytesInOutput > 0 ? file : []));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Absent: a file of this repository. */
function folderOf(file: string): string | undefined {
  return /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1];
}

function readPackage(folder: string): BundledPackage {
  const { name, version, license, homepage }: Manifest = JSON.parse(
    readFileSync(join(root, folder, 'package.json'), 'utf8'),
  );
  return { folder, name, version, ...(license ? { license } : {}), ...(homepage ? { homepage } : {}) };
}
