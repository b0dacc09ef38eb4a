// koncli waitgroup status
import type { RecordedEvent } from '@konductor/client';
import type { WaitGroup } from '@konductor/schema';
import type { Command } from 'commander';
import { examples } from '../../arguments/help.ts';
import type { Run } from '../../arguments/invocation.ts';
import { readName, readSettings } from '../../arguments/settings.ts';
import { NAME } from '../../arguments/shared-arguments.ts';
import { onCluster } from '../../session/with-session.ts';

const DESCRIPTION =
  'Says what is going on with a WaitGroup and what to do next, and shows its conditions, its latest changes and its ' +
  'Events. -o json and yaml print the WaitGroup itself; -o wide shows when and by which operation it was changed.';

/** Declares the verb. */
export function defineWaitGroupStatus(parent: Command, run: Run): void {
  parent
    .command('status')
    .summary('say what is going on, and what to do next')
    .description(DESCRIPTION)
    .argument(...NAME)
    .addHelpText(
      'after',
      examples(
        ['koncli waitgroup status batch', 'why does it not get done?'],
        ['koncli waitgroup status batch -o json | jq .status.recentOperations', 'who has counted lately'],
      ),
    )
    .action(async (given: string | undefined, _flags: unknown, command: Command) => {
      const name = readName(given, run, command);
      const { output } = readSettings(command, run.env);
      await onCluster(run, command, async (session) => {
        const { readEvents, readGroup } = await import('../../status/reading.ts');
        const options = { ...session.callOptions, startedAt: performance.now() };
        const group = await readGroup(name, session, { options, run });
        const isText = output === 'text' || output === 'wide';
        const events = isText ? await readEvents(group, session, { options, run }) : undefined;
        await session.print({ groups: [group], text: await describe({ group, events, run }) });
      });
    });
}

interface Seen {
  readonly group: WaitGroup;
  readonly events: readonly RecordedEvent[] | undefined;
  readonly run: Run;
}

async function describe({ group, events, run: { program } }: Seen): Promise<(isWide: boolean) => string> {
  const [{ diagnose }, { formatReport }] = await Promise.all([
    import('../../status/diagnosis.ts'),
    import('../../status/report.ts'),
  ]);
  const now = new Date();
  const advice = diagnose(group, events ?? [], now);
  return (isWide) => formatReport({ group, events, advice }, { isWide, now, program });
}
