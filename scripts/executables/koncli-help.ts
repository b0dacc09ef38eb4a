// What koncli prints before it has loaded anything: the text of its --help, made by its sources on Node.
import { execFileSync } from 'node:child_process';
import { root } from '../root.ts';
import { koncliExecutable } from './executables.ts';

/** Bun's flag that puts it into an executable. */
export function koncliHelpFlag(): string {
  const args = ['--conditions=konductor-source', koncliExecutable.entry, '--help'];
  const help = execFileSync(process.execPath, args, { cwd: root, encoding: 'utf8', env: {} });
  return `--define=KONCLI_HELP=${JSON.stringify(help)}`;
}
