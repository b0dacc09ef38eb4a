// koncli as a function: an invocation in, an exit code out. Only this file prints errors, one line each.
import { CommanderError } from 'commander';
import type { UsageCommand } from './arguments/help.ts';
import type { Invocation, Run } from './arguments/invocation.ts';
import { COMPLETE } from './arguments/program-name.ts';
import { BrokenPipeError } from './errors.ts';
import { withCluster } from './output/command-line.ts';
import { Log } from './process/log.ts';
import { createProgram } from './program.ts';

/** Runs one command; never rejects. */
export async function runKoncli(invocation: Invocation): Promise<number> {
  const log = new Log(invocation.stderr);
  let program: UsageCommand | undefined;
  const run: Run = {
    ...invocation,
    log,
    get program() {
      return withCluster(invocation.program, program?.opts() ?? {});
    },
  };
  program = createProgram(run);
  try {
    if (invocation.argv[0] === COMPLETE) {
      const { complete } = await import('./features/completion/complete.ts');
      await complete(program, invocation.argv.slice(1), run);
      return 0;
    }
    await program.parseAsync([...invocation.argv], { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    // The reader, such as `head`, needs no more output.
    if (error instanceof BrokenPipeError) return 0;
    return report(error, run);
  }
}

async function report(error: unknown, run: Run): Promise<number> {
  // It loads the client, which takes most of koncli's start-up time.
  const { describeFailure } = await import('./failure/failure.ts');
  const errors = error instanceof AggregateError ? error.errors : [error];
  const failures = errors.map((one) => describeFailure(one, run));
  for (const { line } of failures) run.log.error(line);
  const stacks = errors.flatMap((one) => (one instanceof Error ? (one.stack ?? one.message).split('\n') : []));
  for (const frame of stacks) run.log.debug(frame);
  return failures[0]?.code ?? 1;
}
