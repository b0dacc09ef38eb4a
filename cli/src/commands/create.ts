// koncli waitgroup create
import type { Command } from 'commander';
import { examples } from '../help.ts';
import type { Run } from '../invocation.ts';
import { subject } from '../output.ts';
import { readName } from '../settings.ts';
import { NEW_NAME } from '../shared-arguments.ts';
import { parseInitialCount, parseLabel, parseTtl } from '../values.ts';
import { onCluster } from '../verb.ts';

interface Flags {
  readonly ttl?: string;
  readonly initialCount?: number;
  readonly label?: Readonly<Record<string, string>>;
}

/** Declares the verb. */
export function defineCreate(parent: Command, run: Run): void {
  parent
    .command('create')
    .summary('make a WaitGroup')
    .description('Makes a WaitGroup. Its counter is zero, or the initial count.')
    .argument(...NEW_NAME)
    .option('--ttl <duration>', 'how long it is kept after its completion, such as 1h (default: for ever)', parseTtl)
    .option('--initial-count <count>', 'what its counter starts with', parseInitialCount)
    .option('--label <key=value>', 'a label of it; may be repeated', parseLabel)
    .addHelpText(
      'after',
      examples(
        ['koncli waitgroup create batch --ttl 1h', 'deleted an hour after its work is done'],
        ['koncli waitgroup create batch --initial-count 10 --label app=etl', 'ten workers that only say done'],
      ),
    )
    .action(async (given: string | undefined, { label, ...spec }: Flags, command: Command) => {
      const name = readName(given, run, command);
      await onCluster(run, command, async (session) => {
        const { client, callOptions } = session;
        const group = await client.create({ name, spec, ...(label && { labels: label }) }, callOptions);
        await session.print({ groups: [group], text: () => `${subject(name)} created\n` });
      });
    });
}
