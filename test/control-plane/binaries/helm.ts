// Finds helm, of one known version, for the tests of the chart: in the project's cache, else by a build with Go.
import { join } from 'node:path';
import type { FindBinariesOptions } from './binaries.ts';
import { buildBinaries, type GoBuild } from './build.ts';
import { cacheFolder } from './cache.ts';
import { helm, platform } from './versions.ts';

const build: GoBuild = {
  directory: helm.directory,
  // Without its version, it takes itself for another one.
  linkerFlags: `-s -w -X helm.sh/helm/v3/internal/version.version=${helm.version}`,
  output: 'helm',
  packages: ['helm.sh/helm/v3/cmd/helm'],
};
const HELM = {
  what: 'helm',
  duration: 'about 2 minutes',
  withoutGo:
    'helm, which the tests of the chart run, is missing. Install Go (https://go.dev/dl) and it is built once into ' +
    '$XDG_CACHE_HOME/konductor (default ~/.cache/konductor)',
  builds: [build],
  names: ['helm'],
};

/** Its path. */
export async function findHelm({ env = process.env, log, signal }: Omit<FindBinariesOptions, 'controllerManager'>) {
  const target = join(cacheFolder(env), 'helm', `helm-${helm.version}-${platform}`);
  await buildBinaries({ ...HELM, target, env, log, signal });
  return join(target, 'helm');
}
