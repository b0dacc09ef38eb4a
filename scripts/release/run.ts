// Runs the project's other scripts and programs for a release.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from '../root.ts';

/** A script of this folder's parent, as its npm script runs it; what it prints goes to stderr. */
export function runScript(script: string, ...args: readonly string[]): void {
  const command = ['--conditions=konductor-source', join(root, 'scripts', script), ...args];
  execFileSync(process.execPath, command, { cwd: root, stdio: ['ignore', 2, 2] });
}

/** Returns what npm prints. */
export function runNpm(...args: readonly string[]): string {
  return execFileSync('npm', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 2] });
}
