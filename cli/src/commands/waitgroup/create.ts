// koncli waitgroup create
import type { Command } from 'commander';
import { examples } from '../../arguments/help.ts';
import type { Run } from '../../arguments/invocation.ts';
import { readName } from '../../arguments/settings.ts';
import { NEW_NAME } from '../../arguments/shared-arguments.ts';
import { parseCounter, parseDeadline, parseLabel, parseTtl } from '../../arguments/values.ts';
import { subject } from '../../output/output.ts';
import { onCluster } from '../../session/with-session.ts';

interface Flags {
  readonly ttl?: string;
  readonly deadline?: string;
  readonly initialCount?: number;
  readonly label?: Readonly<Record<string, string>>;
}

/** Declares the verb. */
export function defineCreate(parent: Command, run: Run): void {
  parent
    .command('create')
    .summary('create a WaitGroup')
    .description('Creates a WaitGroup. Its counter starts at zero, or at --initial-count.')
    .argument(...NEW_NAME)
    .option('--ttl <duration>', 'time to keep it after completion or failure, such as 1h (default: forever)', parseTtl)
    .option('--deadline <duration>', 'fail it if work is outstanding for longer, such as 2h', parseDeadline)
    .option('--initial-count <count>', 'initial value of the counter', parseCounter)
    .option('-l, --label <key=value>', 'label to set; may be repeated', parseLabel)
    .addHelpText(
      'after',
      examples(
        ['koncli waitgroup create batch --ttl 1h', 'delete it one hour after completion'],
        ['koncli waitgroup create batch --deadline 2h', 'fail it if its work is not done within two hours'],
        [
          'koncli waitgroup create batch --initial-count 10 -l app=etl',
          'for ten workers that only mark their work done',
        ],
      ),
    )
    .action(async (given: string | undefined, { label, ...spec }: Flags, command: Command) => {
      const name = readName(given, run, command);
      await onCluster(run, command, async (session) => {
        const { client, callOptions } = session;
        const group = await client.create({ name, spec, ...(label && { labels: label }) }, callOptions);
        await session.confirm({ objects: [group], lines: () => [`${subject(name)} created`] });
      });
    });
}
