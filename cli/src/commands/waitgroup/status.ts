// koncli waitgroup status
import type { WaitGroup } from '@konductor/schema';
import type { Command } from 'commander';
import { examples } from '../../arguments/help.ts';
import type { Run } from '../../arguments/invocation.ts';
import { readName, readSettings } from '../../arguments/settings.ts';
import { NAME } from '../../arguments/shared-arguments.ts';
import type { Evidence } from '../../features/status/advice.ts';
import { onCluster } from '../../session/with-session.ts';

const DESCRIPTION =
  'Shows the state of a WaitGroup and what to do next, then its workers, the Jobs that it counts and what waits for it by ' +
  'label, its conditions, latest changes and Events. -o json and -o yaml print the WaitGroup itself; -o wide shows more ' +
  'Jobs and pods, and the time and the operation ID of each change.';

/** Declares the verb. */
export function defineWaitGroupStatus(parent: Command, run: Run): void {
  parent
    .command('status')
    .summary('show the state of a WaitGroup and what to do next')
    .description(DESCRIPTION)
    .argument(...NAME)
    .addHelpText(
      'after',
      examples(
        ['koncli waitgroup status batch', 'find out why it does not complete'],
        [
          'koncli waitgroup status batch -o json | jq .status.recentOperations',
          'show who changed the counter recently',
        ],
      ),
    )
    .action(async (given: string | undefined, _flags: unknown, command: Command) => {
      const name = readName(given, run, command);
      const { output } = readSettings(command, run.env);
      await onCluster(run, command, async (session) => {
        const { readEvents, readGroup, readWork } = await import('../../features/status/reading.ts');
        const options = { ...session.callOptions, startedAt: performance.now() };
        const group = await readGroup(name, session, { options, run });
        const isText = output === 'text' || output === 'wide';
        const events = isText ? await readEvents(group, session, { options, run }) : undefined;
        const work = isText ? await readWork(group, session, { run }) : { pods: {} };
        await session.print({
          objects: [group],
          lines: await describe(group, { events, ...work, now: session.transport.clock.now() }, run),
        });
      });
    });
}

type Known = Omit<Evidence, 'events'> & { readonly events: Evidence['events'] | undefined };

async function describe(
  group: WaitGroup,
  known: Known,
  { program }: Run,
): Promise<(isWide: boolean) => readonly string[]> {
  const [{ diagnose }, { formatReport }] = await Promise.all([
    import('../../features/status/diagnosis.ts'),
    import('../../features/status/report.ts'),
  ]);
  const advice = diagnose(group, { ...known, events: known.events ?? [] });
  return (isWide) => formatReport({ ...known, group, advice }, { isWide, now: known.now, program });
}
