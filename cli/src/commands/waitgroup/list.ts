// koncli waitgroup list
import type { Command } from 'commander';
import { examples } from '../../arguments/help.ts';
import type { Run } from '../../arguments/invocation.ts';
import { ALL_NAMESPACES, SELECTOR, WATCH } from '../../arguments/shared-arguments.ts';
import { withoutEqualsSign } from '../../arguments/values.ts';
import { table } from '../../output/table.ts';
import { onCluster, onClusterWatching } from '../../session/with-session.ts';

interface Flags {
  readonly allNamespaces?: boolean;
  readonly selector?: string;
  readonly watch?: boolean;
}

const DESCRIPTION =
  'Lists the WaitGroups in a namespace, or in all. With --watch, shows their changes; deletions are reported on stderr.';

/** Declares the verb. */
export function defineList(parent: Command, run: Run): void {
  parent
    .command('list')
    .alias('ls')
    .summary('list the WaitGroups in a namespace')
    .description(DESCRIPTION)
    .option(...ALL_NAMESPACES)
    .option(...SELECTOR, withoutEqualsSign)
    .option(...WATCH)
    .addHelpText(
      'after',
      examples(
        ['koncli waitgroup list -A', 'list the WaitGroups in all namespaces'],
        ['koncli waitgroup list --watch', 'watch changes'],
        ['koncli waitgroup list -n jobs -l app=etl -o name', 'print the names of those with a label'],
      ),
    )
    .action(async ({ allNamespaces = false, selector, watch }: Flags, command: Command) => {
      if (watch)
        return onClusterWatching(run, command, async (context) => {
          const { followSelection } = await import('../../features/watch/follow.ts');
          await followSelection({ allNamespaces, labelSelector: selector }, context);
        });
      await onCluster(run, command, async (session) => {
        const { client, callOptions } = session;
        const { warnOfUnreadable } = await import('../../failure/unreadable.ts');
        const onUnreadable = warnOfUnreadable(run);
        const groups = await client.list({ ...callOptions, allNamespaces, labelSelector: selector, onUnreadable });
        const lines = (isWide: boolean) => table(groups, { isWide, hasNamespaces: allNamespaces, now: new Date() });
        await session.print({ objects: groups, isList: true, lines });
        if (groups.length > 0) return;
        if (allNamespaces) return run.log.line('No waitgroups found.');
        const { isNamespaceMissing } = await import('../../session/explain.ts');
        const hint = (await isNamespaceMissing(session)) ? ', which does not exist' : '';
        run.log.line(`No waitgroups found in namespace ${client.namespace}${hint}.`);
      });
    });
}
