// koncli status
import type { Command } from 'commander';
import { examples } from '../arguments/help.ts';
import type { Run } from '../arguments/invocation.ts';
import { readSettings, withTimeLimit } from '../arguments/settings.ts';
import { ALL_NAMESPACES } from '../arguments/shared-arguments.ts';
import { withSession } from '../session/with-session.ts';

interface Flags {
  readonly allNamespaces?: boolean;
}

const DESCRIPTION =
  'Shows the CRD, the operator, the number of WaitGroups in each phase, and those that need attention. ' +
  '-o wide shows all WaitGroups, -o name only the names of those that need attention.';

/** Declares the command. */
export function defineStatus(parent: Command, run: Run): void {
  parent
    .command('status')
    .summary('show the installation and the WaitGroups that need attention')
    .description(DESCRIPTION)
    .option(...ALL_NAMESPACES)
    .addHelpText(
      'after',
      examples(
        ['koncli status -A', 'show the whole cluster'],
        ['koncli status -o name', 'print the names of those that need attention, for scripts'],
      ),
    )
    .action(async ({ allNamespaces = false }: Flags, command: Command) => {
      const settings = withTimeLimit(readSettings(command, run.env), command);
      await withSession(run, settings, async (session) => {
        const [{ examineCluster }, { renderOverview }] = await Promise.all([
          import('../features/overview/cluster.ts'),
          import('../features/overview/overview-report.ts'),
        ]);
        const overview = await examineCluster(session, { run, settings, allNamespaces });
        run.stdout.write(await renderOverview(overview, settings.output));
      });
    });
}
