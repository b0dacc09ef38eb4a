// Downloads a package of any architecture with this machine's apt: from its mirrors, checked by its keys, without touching its state.
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface DebianPackage {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
}

/** Writes it as `file`, alone in its folder, where apt keeps its lists meanwhile. */
export function aptDownload({ name, version, architecture }: DebianPackage, file: string): void {
  const folder = dirname(file);
  mkdirSync(join(folder, 'lists/partial'), { recursive: true });
  mkdirSync(join(folder, 'archives/partial'), { recursive: true });
  const options = [
    `Dir::State=${folder}`,
    `Dir::Cache=${folder}`,
    'Dir::State::status=/dev/null',
    `APT::Architecture=${architecture}`,
    `APT::Architectures=${architecture}`,
    // It could not write here.
    'APT::Sandbox::User=root',
    'Acquire::Languages=none',
  ].flatMap((option) => ['-o', option]);
  const apt = (...args: string[]) => spawnSync('apt-get', [...options, ...args], { cwd: folder, encoding: 'utf8' });
  apt('update');
  const { error, status, stderr } = apt('download', `${name}=${version}`);
  if (status === 0) return;
  throw new Error(`apt-get: ${error?.message ?? stderr.trim().split('\n').at(-1)}`);
}
