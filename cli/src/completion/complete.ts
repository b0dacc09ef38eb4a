// The hidden command behind the shells' scripts: the words of a line in, what may come next out, in the protocol that
// kubectl speaks with its plugins (cobra's): one candidate on each line, its description after a tab, at last a directive.
import type { Command } from 'commander';
import type { Run } from '../arguments/invocation.ts';
import { Log } from '../process/log.ts';
import { type Candidate, type Continuation, continuationOf } from './candidates.ts';
import { type CommandLine, readCommandLine } from './command-line.ts';
import { ask } from './sources.ts';

/** The directives of https://pkg.go.dev/github.com/spf13/cobra#ShellCompDirective that koncli uses. */
const DIRECTIVE = { files: ':0', noFiles: ':4' };
const NOBODY = { write: () => undefined };

/** Writes the answer for these words; the last one is what the cursor is on. It never complains: nobody would see it. */
export async function complete(program: Command, words: readonly string[], run: Run): Promise<void> {
  const line = readCommandLine(program, words);
  const continuation = continuationOf(line);
  const candidates = [...continuation.candidates, ...(await namesFor(continuation, line, run))];
  const lines = candidates
    .map(({ value, description }) => ({ value: continuation.prefix + value, description }))
    .filter(({ value }) => value.startsWith(line.current))
    .map(({ value, description }) => (description ? `${value}\t${description}\n` : `${value}\n`));
  const directive = continuation.source === 'files' ? DIRECTIVE.files : DIRECTIVE.noFiles;
  run.stdout.write(`${lines.join('')}${directive}\n`);
}

async function namesFor({ source }: Continuation, { flags, args }: CommandLine, run: Run): Promise<Candidate[]> {
  if (source === undefined || source === 'files') return [];
  try {
    const names = await ask(source, flags, { ...run, stderr: NOBODY, log: new Log(NOBODY) });
    return names.filter((name) => !args.includes(name)).map((value) => ({ value, description: '' }));
  } catch {
    // Whoever presses Tab wants no error on the line: the command itself will say what is wrong.
    return [];
  }
}
