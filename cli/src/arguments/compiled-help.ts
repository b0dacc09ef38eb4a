// The text of `koncli --help`, which is put into the executable when that is compiled: so it is printed before any parser is
// loaded. See docs/decisions/0013.
import type { OutputStream } from '../process/output-stream.ts';

/** By scripts/executables/koncli-help.ts; there is none on Node. */
declare const KONCLI_HELP: string | undefined;

export interface Asked {
  readonly program: string;
  readonly argv: readonly string[];
  readonly stdout: OutputStream;
}

/** Absent: the parser makes it, as for a terminal, whose width it fits. */
export function compiledHelp({ program, argv, stdout }: Asked): string | undefined {
  const [flag, ...more] = argv;
  const isAsked = (flag === '--help' || flag === '-h') && more.length === 0;
  if (!isAsked || program !== 'koncli' || stdout.isTTY || typeof KONCLI_HELP === 'undefined') return undefined;
  return KONCLI_HELP;
}
