// koncli waitgroup add
import type { Command } from 'commander';
import { examples } from '../../arguments/help.ts';
import type { Run } from '../../arguments/invocation.ts';
import { readName } from '../../arguments/settings.ts';
import { NAME, OPERATION_ID } from '../../arguments/shared-arguments.ts';
import { parseDelta, parseOperationId, parseTtl } from '../../arguments/values.ts';
import { counterOf, subject } from '../../output/output.ts';
import { onCluster } from '../../session/with-session.ts';

interface Flags {
  readonly delta: number;
  readonly operationId?: string;
  readonly create?: boolean;
  readonly ttl?: string;
}

/** Declares the verb. */
export function defineAdd(parent: Command, run: Run): void {
  parent
    .command('add')
    .summary('raise the counter')
    .description('Raises the counter. Call it before the work starts.')
    .argument(...NAME)
    .option('--delta <count>', 'amount to add; a negative amount lowers the counter', parseDelta, 1)
    .option(...OPERATION_ID, parseOperationId)
    .option('--create', 'create the WaitGroup if it does not exist')
    .option('--ttl <duration>', 'with --create: time to keep the WaitGroup after completion, such as 1h', parseTtl)
    .addHelpText(
      'after',
      examples(
        ['koncli waitgroup add batch --delta 10', 'before starting ten workers'],
        ['koncli waitgroup add batch --create --ttl 1h', 'the first caller creates the WaitGroup'],
        [
          'koncli waitgroup add batch --operation-id "$HOSTNAME"',
          'count this pod once, even if its container restarts',
        ],
      ),
    )
    .action(async (given: string | undefined, { delta, operationId, create, ttl }: Flags, command: Command) => {
      const name = readName(given, run, command);
      if (ttl !== undefined && !create) command.error('--ttl requires --create');
      await onCluster(run, command, async (session) => {
        const { client, callOptions } = session;
        const options = { ...callOptions, operationId };
        const group = create
          ? await client.addOrCreate({ name, spec: { ...(ttl && { ttl }) } }, delta, options)
          : await client.add(name, delta, options);
        await session.confirm({
          groups: [group],
          lines: () => [`${subject(name)} added ${delta}, counter is ${counterOf(group)}`],
        });
      });
    });
}
