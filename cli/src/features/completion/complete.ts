// The hidden command that completion scripts call, in the protocol of kubectl and its plugins (cobra's): one candidate on each
// line, its description after a tab, and a directive on the last line.
import type { Command } from 'commander';
import type { Run } from '../../arguments/invocation.ts';
import { oneLine } from '../../process/lines.ts';
import { Log } from '../../process/log.ts';
import { type Candidate, continuationOf, type Source } from './candidates.ts';
import { type CommandLine, readCommandLine } from './command-line.ts';

/** The directives of https://pkg.go.dev/github.com/spf13/cobra#ShellCompDirective that koncli uses. */
const DIRECTIVE = { files: ':0', noFiles: ':4' };
const DISCARD = { write: () => undefined };

/** Writes the completions of the last word. It reports no errors: the shell would hide them. */
export async function complete(program: Command, words: readonly string[], run: Run): Promise<void> {
  const line = readCommandLine(program, words);
  const { source, candidates: known, prefix = '' } = continuationOf(line);
  const candidates = [...known, ...(await namesFor(source, line, run))];
  const lines = candidates
    .map(({ value, description }) => ({ value: prefix + value, description }))
    // A shell would print them.
    .filter(({ value }) => value.startsWith(line.current) && value === oneLine(value))
    .map(({ value, description }) => (description ? `${value}\t${description}\n` : `${value}\n`));
  const directive = source === 'files' ? DIRECTIVE.files : DIRECTIVE.noFiles;
  run.stdout.write(`${lines.join('')}${directive}\n`);
}

async function namesFor(source: Source | undefined, line: CommandLine, run: Run): Promise<Candidate[]> {
  if (source === undefined || source === 'files') return [];
  try {
    const { namesFrom } = await import('./sources.ts');
    const names = await namesFrom(source, line, { ...run, stderr: DISCARD, log: new Log(DISCARD) });
    return names.filter((name) => !line.args.includes(name)).map((value) => ({ value, description: '' }));
  } catch {
    // The command itself will report the error.
    return [];
  }
}
