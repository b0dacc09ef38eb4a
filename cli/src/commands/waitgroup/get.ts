// koncli waitgroup get
import type { Command } from 'commander';
import { examples } from '../../arguments/help.ts';
import type { Run } from '../../arguments/invocation.ts';
import { readNames } from '../../arguments/settings.ts';
import { NAMES, WATCH } from '../../arguments/shared-arguments.ts';
import { table } from '../../output/table.ts';
import { onCluster, onClusterWatching, tryEach } from '../../session/with-session.ts';

interface Flags {
  readonly watch?: boolean;
}

const DESCRIPTION = 'Shows WaitGroups by name. With --watch, shows their changes until they are deleted.';

/** Declares the verb. */
export function defineGet(parent: Command, run: Run): void {
  parent
    .command('get')
    .summary('show WaitGroups')
    .description(DESCRIPTION)
    .argument(...NAMES)
    .option(...WATCH)
    .addHelpText(
      'after',
      examples(
        ['koncli waitgroup get batch', 'show counter and phase'],
        ['koncli waitgroup get batch --watch', 'watch its changes'],
        ['koncli waitgroup get batch -o json | jq .status.counter', 'print the counter, for scripts'],
      ),
    )
    .action(async (given: string[], { watch }: Flags, command: Command) => {
      const names = readNames(given, run, command);
      if (watch)
        return onClusterWatching(run, command, async (context) => {
          const { followNames } = await import('../../features/watch/follow.ts');
          await followNames(names, context);
        });
      await onCluster(run, command, async (session) => {
        const { client, callOptions } = session;
        const found = await tryEach(names, (name) => client.get(name, callOptions));
        const groups = found.results;
        const lines = (isWide: boolean) => table(groups, { isWide, now: new Date() });
        if (groups.length > 0) await session.print({ objects: groups, isList: names.length > 1, lines });
        found.throwFailures();
      });
    });
}
