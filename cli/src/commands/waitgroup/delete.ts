// koncli waitgroup delete
import type { Command } from 'commander';
import { examples } from '../../arguments/help.ts';
import type { Run } from '../../arguments/invocation.ts';
import { readNames, readSettings } from '../../arguments/settings.ts';
import { NAMES } from '../../arguments/shared-arguments.ts';
import { NothingFoundError } from '../../errors.ts';
import { shell } from '../../output/command-line.ts';
import { subject } from '../../output/output.ts';
import { onCluster, tryEach } from '../../session/with-session.ts';

/** Declares the verb. */
export function defineDelete(parent: Command, run: Run): void {
  parent
    .command('delete')
    .summary('delete WaitGroups')
    .description(
      'Deletes WaitGroups by name, and the records of their workers with them. Running waits for them end with exit code 2.',
    )
    .argument(...NAMES)
    .addHelpText(
      'after',
      examples(
        ['koncli waitgroup delete batch', 'delete one WaitGroup'],
        ['koncli waitgroup list -o name | xargs koncli waitgroup delete', 'delete all WaitGroups in the namespace'],
      ),
    )
    .action(async (given: string[], _flags: unknown, command: Command) => {
      const names = readNames(given, run, command);
      const { output } = readSettings(command, run.env);
      if (output !== 'text' && output !== 'name') command.error('delete supports only -o text and -o name');
      await onCluster(run, command, async (session) => {
        const { client, callOptions } = session;
        const gone = await tryEach(names, async (name) => {
          await client.delete(name, callOptions).catch(throwWithAdvice);
          session.confirmLine(output === 'name' ? subject(name) : `${subject(name)} deleted`);
        });
        gone.throwFailures();
      });
    });
}

async function throwWithAdvice(error: unknown): Promise<never> {
  const { WaitGroupNotFoundError } = await import('@konductor/client');
  if (!(error instanceof WaitGroupNotFoundError)) throw error;
  const advice = shell`to list all, run koncli waitgroup list -n ${error.group.namespace}`;
  throw new NothingFoundError(`${error.message}: ${advice}`, { cause: error });
}
