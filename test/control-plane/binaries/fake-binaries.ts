// Files that stand for the control plane's executables, and a `go` that creates them, so that no test builds for minutes.
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const BASIC = ['etcd', 'kube-apiserver', 'kubectl'];
export const ALL = [...BASIC, 'kube-controller-manager'];

/** Returns the directory, which it makes. */
export function writeFakeBinaries(directory: string, names: readonly string[]): string {
  for (const name of names) writeScript(directory, name, 'exit 0');
  return directory;
}

/**
 * A `go` that writes its pid to `calls` and makes what `go build … -o OUT PACKAGE…` would; returns a PATH that has it
 * first. The prelude is shell, run before that.
 */
export function fakeGo(directory: string, prelude = ''): string {
  const script = `
    echo $$ >> ${join(directory, 'calls')}
    ${prelude}
    while [ "$1" != -o ]; do shift; done
    out=$2; shift 2
    case $out in
      */) for package; do cp "$0" "$out$(basename "$package")"; done ;;
      *) cp "$0" "$out" ;;
    esac`;
  writeScript(directory, 'go', script);
  return `${directory}:/usr/bin:/bin`;
}

export function writeScript(directory: string, name: string, body: string): void {
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, name), `#!/bin/sh\n${body}\n`);
  chmodSync(join(directory, name), 0o755);
}
