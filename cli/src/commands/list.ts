// koncli waitgroup list
import type { Command } from 'commander';
import { examples } from '../examples.ts';
import type { Run } from '../invocation.ts';
import { table } from '../table.ts';
import { withoutEqualsSign } from '../values.ts';
import { onCluster, SELECTOR } from '../verb.ts';

interface Flags {
  readonly allNamespaces?: boolean;
  readonly selector?: string;
}

/** Declares the verb. */
export function defineList(parent: Command, run: Run): void {
  parent
    .command('list')
    .alias('ls')
    .summary('show all WaitGroups of a namespace')
    .description('Shows the WaitGroups of a namespace, or of all.')
    .option('-A, --all-namespaces', 'those of all namespaces')
    .option(...SELECTOR, withoutEqualsSign)
    .addHelpText(
      'after',
      examples(
        ['koncli waitgroup list -A', 'those of all namespaces'],
        ['koncli waitgroup list -n jobs -l app=etl -o name', 'the names of those with a label'],
      ),
    )
    .action(async ({ allNamespaces = false, selector }: Flags, command: Command) => {
      await onCluster(run, command, async (session) => {
        const { client, callOptions } = session;
        const groups = await client.list({ ...callOptions, allNamespaces, labelSelector: selector });
        const text = (isWide: boolean) => table(groups, { isWide, hasNamespaces: allNamespaces, now: new Date() });
        await session.print({ groups, isList: true, text });
        const where = allNamespaces ? '' : ` in namespace ${client.namespace}`;
        if (groups.length === 0) run.log.line(`No waitgroups found${where}.`);
      });
    });
}
