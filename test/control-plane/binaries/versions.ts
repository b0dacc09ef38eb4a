// The versions of what is built with Go, read from the modules that build it: the one place that states them.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A Go module whose commands are built. */
export interface GoModule {
  readonly directory: string;
  readonly version: string;
}

/** `npm run test:minors` sets it: another minor version than the project's own. */
const { KONDUCTOR_KUBERNETES_MINOR: minor } = process.env;

export const kubernetes = readModule(minor ? `kubernetes-${minor}` : 'kubernetes', 'k8s.io/kubernetes');
export const etcd = readModule('etcd', 'go.etcd.io/etcd/server/v3');
export const helm = readModule('helm', 'helm.sh/helm/v3');
export const kwok = readModule('kwok', 'sigs.k8s.io/kwok');

/** `<os>-<arch>` in Go's words. */
export const platform = `${process.platform}-${process.arch === 'x64' ? 'amd64' : process.arch}`;

function readModule(name: string, path: string): GoModule {
  const directory = join(import.meta.dirname, '../go', name);
  const goMod = readFileSync(join(directory, 'go.mod'), 'utf8');
  const version = new RegExp(`^(?:require)?\\s*${path} (v\\S+)`, 'm').exec(goMod)?.[1];
  if (version === undefined) throw new Error(`${directory}/go.mod does not require ${path}`);
  return { directory, version };
}
