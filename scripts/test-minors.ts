// npm run test:minors: what depends on the API server, against the oldest minor version of Kubernetes that is supported; with `--all`,
// against every one that the other tests do not use.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from './root.ts';

const { values } = parseArgs({ options: { all: { type: 'boolean', default: false } } });
const minors = readdirSync(join(root, 'test/control-plane/go'))
  .flatMap((name) => /^kubernetes-(.*)$/.exec(name)?.[1] ?? [])
  .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));

for (const [index, minor] of minors.entries()) {
  if (index > 0 && !values.all) break;
  console.error(`konductor: testing Kubernetes ${minor}`);
  // CI judges the report of the oldest one.
  const report = `.vitest/json/minors${index === 0 ? '' : `-${minor}`}.json`;
  if (!run(minor, 'vitest', 'run', '--project', 'minors', `--outputFile.json=${report}`)) process.exitCode = 1;
}

function run(minor: string, ...command: string[]): boolean {
  // Other binaries would be of another version.
  const { KUBEBUILDER_ASSETS: _, ...env } = process.env;
  const options = { cwd: root, stdio: 'inherit', env: { ...env, KONDUCTOR_KUBERNETES_MINOR: minor } } as const;
  return spawnSync('npx', ['--no-install', ...command], options).status === 0;
}
