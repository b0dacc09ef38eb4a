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
  'Shows the CRD, the operator, how many WaitGroups are in which phase, and those that need attention. ' +
  '-o wide shows all of them, -o name the names of those that need attention.';

/** Declares the command. */
export function defineStatus(parent: Command, run: Run): void {
  parent
    .command('status')
    .summary('show what is installed, and which WaitGroups need attention')
    .description(DESCRIPTION)
    .option(...ALL_NAMESPACES)
    .addHelpText(
      'after',
      examples(
        ['koncli status -A', 'the whole cluster at a glance'],
        ['koncli status -o name', 'for scripts: those that need attention'],
      ),
    )
    .action(async ({ allNamespaces = false }: Flags, command: Command) => {
      const settings = withTimeLimit(readSettings(command, run.env), command);
      await withSession(run, settings, async (session) => {
        const [{ examineCluster }, { renderOverview }] = await Promise.all([
          import('../overview/cluster.ts'),
          import('../overview/overview-report.ts'),
        ]);
        const seen = await examineCluster(session, { run, settings, allNamespaces });
        run.stdout.write(await renderOverview(seen, settings.output));
      });
    });
}
