// Finds kwok, of one known version, which plays the kubelets of nodes that do not exist: in the project's cache, else by a build
// with Go.
import { join } from 'node:path';
import type { FindBinariesOptions } from './binaries.ts';
import { buildBinaries, type GoBuild } from './build.ts';
import { cacheFolder } from './cache.ts';
import { kwok, platform } from './versions.ts';

const build: GoBuild = {
  directory: kwok.directory,
  linkerFlags: '-s -w',
  output: 'kwok',
  packages: ['sigs.k8s.io/kwok/cmd/kwok'],
};
const KWOK = {
  what: 'kwok',
  duration: 'about 2 minutes',
  withoutGo:
    'kwok, which plays the nodes of tests, is missing. Install Go (https://go.dev/dl) and it is built once into ' +
    '$XDG_CACHE_HOME/konductor (default ~/.cache/konductor)',
  builds: [build],
  names: ['kwok'],
};

/** Its path. */
export async function findKwok({ env = process.env, log, signal }: Omit<FindBinariesOptions, 'controllerManager'>) {
  const target = join(cacheFolder(env), 'kwok', `kwok-${kwok.version}-${platform}`);
  await buildBinaries({ ...KWOK, target, env, log, signal });
  return join(target, 'kwok');
}
