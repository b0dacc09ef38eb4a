// koncli waitgroup done
import type { Command } from 'commander';
import { examples } from '../../arguments/help.ts';
import type { Run } from '../../arguments/invocation.ts';
import { readName } from '../../arguments/settings.ts';
import { NAME, OPERATION_ID } from '../../arguments/shared-arguments.ts';
import { parseDoneDelta, parseOperationId } from '../../arguments/values.ts';
import { addWorkerOptions } from '../../arguments/worker.ts';
import { onCluster } from '../../session/with-session.ts';

interface Flags {
  readonly delta: number;
  readonly operationId?: string;
}

/** Declares the verb. */
export function defineDone(parent: Command, run: Run): void {
  const verb = parent
    .command('done')
    .summary('lower the counter')
    .description('Lowers the counter. Call it when the work has finished; the counter never goes below zero.')
    .argument(...NAME)
    .option('--delta <count>', 'amount of work to mark done', parseDoneDelta, 1)
    .option(...OPERATION_ID, parseOperationId);
  addWorkerOptions(verb, 'none')
    .addHelpText(
      'after',
      examples(
        ['koncli waitgroup done batch', 'a worker has finished'],
        ['koncli waitgroup done batch --worker auto', 'this pod has finished, counted once for it'],
        ['./work && koncli waitgroup done', 'in the WaitGroup of $KONDUCTOR_WAITGROUP, only if ./work succeeded'],
      ),
    )
    .action(async (given: string | undefined, { delta, operationId }: Flags, command: Command) => {
      const name = readName(given, run, command);
      await onCluster(run, command, async (session) => {
        const worker = session.workerOf(name);
        if (worker) {
          const { markWorkerDone } = await import('../../features/workers/changes.ts');
          return markWorkerDone(worker, { session, run });
        }
        const { client, callOptions } = session;
        const counted = await client.done(name, delta, { ...callOptions, operationId });
        await session.confirmCounted(counted, `done ${delta}`, operationId);
      });
    });
}
