// The manifest of the kubectl plugin for krew, kubectl's plugin manager: https://krew.sigs.k8s.io/docs/developer-guide/plugin-manifest/
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { targets } from '../executables/executables.ts';
import { archiveName } from './executables.ts';
import { readText, VERSION } from './version.ts';

export const KREW_MANIFEST = 'konductor.yaml';

/** An archive with koncli and its licenses. */
export interface KrewArchive {
  /** Go's names: `linux-amd64`. */
  readonly platform: string;
  readonly url: string;
  readonly sha256: string;
}

/** What krew reads; it calls koncli `kubectl-konductor`. */
export function krewManifest({ version, archives }: { version: string; archives: readonly KrewArchive[] }): string {
  const platforms = archives.map(({ platform, url, sha256 }) => {
    const [os, arch] = platform.split('-');
    return { selector: { matchLabels: { os, arch } }, uri: url, sha256, bin: 'koncli' };
  });
  const spec = {
    version: `v${version}`,
    homepage: REPOSITORY,
    shortDescription: 'Count and wait for work with WaitGroups',
    description:
      'A WaitGroup is a counter in the cluster that workloads wait on: add, done and wait, as in Go.\n' +
      'The cluster needs the CRDs and the operator of Konductor. koncli doctor checks them.\n',
    platforms,
  };
  const head = { apiVersion: 'krew.googlecontainertools.github.com/v1alpha2', kind: 'Plugin' };
  return stringify({ ...head, metadata: { name: 'konductor' }, spec });
}

const REPOSITORY: string = JSON.parse(readText('cli/package.json')).repository.url.replace(/\.git$/, '');

/** For the archives of a release; krew does not tell libcs apart. */
export function makeKrewManifest(folder: string): void {
  const archives = targets
    .filter((target) => !target.endsWith('-musl'))
    .map((target) => {
      const name = archiveName('koncli', target);
      const sha256 = createHash('sha256')
        .update(readFileSync(join(folder, name)))
        .digest('hex');
      const url = `${REPOSITORY}/releases/download/v${VERSION}/${name}`;
      return { platform: target.replace('x64', 'amd64'), url, sha256 };
    });
  writeFileSync(join(folder, KREW_MANIFEST), krewManifest({ version: VERSION, archives }));
}
