// koncli waitgroup add
import type { WorkerClient } from '@konductor/client';
import { parseDuration, type WaitGroup } from '@konductor/schema';
import type { Command } from 'commander';
import { examples } from '../../arguments/help.ts';
import type { Run } from '../../arguments/invocation.ts';
import { readName } from '../../arguments/settings.ts';
import { NAME, OPERATION_ID } from '../../arguments/shared-arguments.ts';
import { parseDeadline, parseDelta, parseOperationId, parseTtl } from '../../arguments/values.ts';
import { addWorkerOptions } from '../../arguments/worker.ts';
import type { ChangeContext } from '../../features/workers/changes.ts';
import { warnOfFailedRound } from '../../session/failed-round.ts';
import { onCluster } from '../../session/with-session.ts';

/** What a WaitGroup that is created gets. */
interface Wanted {
  readonly ttl?: string;
  readonly deadline?: string;
}

interface Flags extends Wanted {
  readonly delta: number;
  readonly operationId?: string;
  readonly create?: boolean;
}

/** The fields of the spec, as a warning calls them. */
const NOUNS = [
  ['ttl', 'TTL'],
  ['deadline', 'deadline'],
] as const;

/** Declares the verb. */
export function defineAdd(parent: Command, run: Run): void {
  const verb = parent
    .command('add')
    .summary('raise the counter')
    .description('Raises the counter. Call it before the work starts.')
    .argument(...NAME)
    .option('--delta <count>', 'amount to add; a negative amount lowers the counter', parseDelta, 1)
    .option(...OPERATION_ID, parseOperationId);
  addWorkerOptions(verb, 'none')
    .option('--create', 'create the WaitGroup if it does not exist, in one step with the add')
    .option(
      '--ttl <duration>',
      'with --create: time to keep the WaitGroup after completion or failure, such as 1h',
      parseTtl,
    )
    .option(
      '--deadline <duration>',
      'with --create: fail it if work is outstanding for longer, such as 2h',
      parseDeadline,
    )
    .addHelpText(
      'after',
      examples(
        ['koncli waitgroup add batch --delta 10', 'before starting ten workers'],
        ['koncli waitgroup add batch --create --ttl 1h', 'the first caller creates the WaitGroup'],
        ['koncli waitgroup add batch --worker auto', 'this pod adds its own work; safe to retry'],
        ['koncli waitgroup add batch --operation-id start-7', 'safe to retry: the change is counted once'],
      ),
    )
    .action(async (given: string | undefined, flags: Flags, command: Command) => {
      const { delta, operationId, create, ttl, deadline } = flags;
      const spec = { ...(ttl && { ttl }), ...(deadline && { deadline }) };
      const name = readName(given, run, command);
      const [ineffective] = Object.keys(spec);
      if (ineffective && !create) command.error(`--${ineffective} requires --create`);
      await onCluster(run, command, async (session) => {
        const worker = session.workerOf(name);
        if (worker) return addForWorker(worker, { name, spec, create }, { session, run });
        const { client, callOptions } = session;
        const options = { ...callOptions, operationId };
        const counted = create
          ? await client.addOrCreate({ name, spec }, delta, options)
          : await client.add(name, delta, options);
        warnOfIgnored(spec, counted.group, run);
        if (delta > 0) warnOfFailedRound(counted.group, run);
        await session.confirmCounted(counted, `added ${delta}`, operationId);
      });
    });
}

interface GroupToAddTo {
  readonly name: string;
  readonly spec: Wanted;
  readonly create: boolean | undefined;
}

async function addForWorker(worker: WorkerClient, { create, ...wanted }: GroupToAddTo, context: ChangeContext) {
  const { addWork, confirmWorkerAdd } = await import('../../features/workers/changes.ts');
  const { addOrCreate } = await import('../../features/workers/add-or-create.ts');
  const { session, run } = context;
  const counted = create ? await addOrCreate(worker, wanted, context) : await addWork(worker, session.callOptions, run);
  warnOfIgnored(wanted.spec, counted.group, run);
  warnOfFailedRound(counted.group, run);
  await confirmWorkerAdd(worker, counted, context);
}

/** Warns of what the caller asked for and a WaitGroup that existed already does not have. */
function warnOfIgnored(wanted: Wanted, { metadata: { name }, spec = {} }: WaitGroup, { log }: Run): void {
  for (const [field, noun] of NOUNS) {
    const { [field]: asked } = wanted;
    const { [field]: existing } = spec;
    if (asked === undefined || isSameDuration(asked, existing)) continue;
    const what = existing ? `a ${noun} of ${existing}` : `no ${noun}`;
    log.warn(`waitgroup "${name}" exists already with ${what}: --${field} was ignored`);
  }
}

function isSameDuration(one: string, other = ''): boolean {
  const [a, b] = [parseDuration(one), parseDuration(other)];
  return a.ok && b.ok && a.nanoseconds === b.nanoseconds;
}
