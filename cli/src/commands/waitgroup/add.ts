// koncli waitgroup add
import type { CountOptions } from '@konductor/client';
import { parseDuration } from '@konductor/schema';
import type { Command } from 'commander';
import { examples } from '../../arguments/help.ts';
import type { Run } from '../../arguments/invocation.ts';
import { readName } from '../../arguments/settings.ts';
import { NAME, OPERATION_ID } from '../../arguments/shared-arguments.ts';
import { parseDelta, parseOperationId, parseTtl } from '../../arguments/values.ts';
import type { Session } from '../../session/session.ts';
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
        ['koncli waitgroup add batch --operation-id start-7', 'safe to retry: the change is counted once'],
      ),
    )
    .action(async (given: string | undefined, { delta, operationId, create, ttl }: Flags, command: Command) => {
      const name = readName(given, run, command);
      if (ttl !== undefined && !create) command.error('--ttl requires --create');
      await onCluster(run, command, async (session) => {
        const options = { ...session.callOptions, operationId };
        const counted = create
          ? await addOrCreate(session, run, { name, delta, ttl, options })
          : await session.client.add(name, delta, options);
        await session.confirmCounted(counted, `added ${delta}`, operationId);
      });
    });
}

interface Addition {
  readonly name: string;
  readonly delta: number;
  readonly ttl: string | undefined;
  readonly options: CountOptions;
}

/** Warns when the WaitGroup is left in a state that the caller did not ask for: created without the count, or with another TTL. */
async function addOrCreate({ client }: Session, { log }: Run, { name, delta, ttl, options }: Addition) {
  let isCreated = false;
  const onCreate = () => {
    isCreated = true;
  };
  try {
    const counted = await client.addOrCreate({ name, spec: { ...(ttl && { ttl }) } }, delta, { ...options, onCreate });
    const { ttl: existing } = counted.group.spec ?? {};
    if (ttl !== undefined && !isSameDuration(ttl, existing))
      log.warn(
        `waitgroup "${name}" exists already with ${existing ? `a TTL of ${existing}` : 'no TTL'}: --ttl was ignored`,
      );
    return counted;
  } catch (error) {
    if (isCreated) log.warn(`waitgroup "${name}" was created, but nothing was added to it yet`);
    throw error;
  }
}

function isSameDuration(one: string, other = ''): boolean {
  const [a, b] = [parseDuration(one), parseDuration(other)];
  return a.ok && b.ok && a.nanoseconds === b.nanoseconds;
}
