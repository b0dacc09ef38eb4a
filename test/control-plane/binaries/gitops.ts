// Finds the program that says what GitOps tools make of an object: in the project's cache, else by a build with Go. It belongs to
// Kubernetes' Go module, whose build has compiled most of it already.
import { createHash } from 'node:crypto';
import { globSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { FindBinariesOptions } from './binaries.ts';
import { buildBinaries } from './build.ts';
import { cacheFolder, missingFrom } from './cache.ts';
import { overlayPublishedFunctions, publishedFunctions } from './published-functions.ts';
import { kubernetes, platform } from './versions.ts';

const { directory } = kubernetes;
const GITOPS = {
  what: 'the GitOps tools’ health checks',
  duration: 'a few seconds where the control plane was built, else about a minute',
  withoutGo:
    'The health checks of GitOps tools, which tests run, are missing. Install Go (https://go.dev/dl) and they are built ' +
    'once into $XDG_CACHE_HOME/konductor (default ~/.cache/konductor)',
  builds: [{ directory, linkerFlags: '-s -w', output: 'gitops', packages: ['./gitops'] }],
  names: ['gitops'],
};

/** Its path. */
export async function findGitops({ env = process.env, log, signal }: Omit<FindBinariesOptions, 'controllerManager'>) {
  const target = join(cacheFolder(env), 'gitops', `gitops-${sourcesDigest()}-${platform}`);
  const path = join(target, 'gitops');
  if ((await missingFrom(target, GITOPS.names)).length === 0) return path;
  const overlay = await overlayPublishedFunctions(join(directory, 'gitops'));
  try {
    await buildBinaries({ ...GITOPS, target, env: { ...env, GOFLAGS: `-overlay=${overlay}` }, log, signal });
  } finally {
    rmSync(dirname(overlay), { recursive: true });
  }
  return path;
}

/** So that a changed program is built anew. */
function sourcesDigest(): string {
  const digest = createHash('sha256').update(JSON.stringify(publishedFunctions));
  for (const name of globSync(['go.mod', 'gitops/*.go'], { cwd: directory }).sort()) {
    digest.update(readFileSync(join(directory, name)));
  }
  return digest.digest('hex').slice(0, 12);
}
