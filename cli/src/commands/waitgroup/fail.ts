// koncli waitgroup fail
import type { Command } from 'commander';
import { parseFailDelta, parseFailureReason, parseMessage } from '../../arguments/failure-values.ts';
import { examples } from '../../arguments/help.ts';
import type { Run } from '../../arguments/invocation.ts';
import { readName } from '../../arguments/settings.ts';
import { NAME, OPERATION_ID } from '../../arguments/shared-arguments.ts';
import { parseOperationId } from '../../arguments/values.ts';
import { addWorkerOptions } from '../../arguments/worker.ts';
import { describeFail } from '../../output/failure-text.ts';
import { onCluster } from '../../session/with-session.ts';

interface Flags {
  readonly message: string;
  readonly reason: string;
  readonly delta: number;
  readonly operationId?: string;
}

const DESCRIPTION =
  'Lowers the counter like done, and marks the WaitGroup as failed: waits end with exit code 6. The first failure is ' +
  'recorded; a later one only lowers the counter. The WaitGroup stays failed until the counter is zero and the next add ' +
  'begins a new round. Without outstanding work nothing can fail.';

/** Declares the verb. */
export function defineFail(parent: Command, run: Run): void {
  const verb = parent
    .command('fail')
    .summary('lower the counter because work has failed')
    .description(DESCRIPTION)
    .argument(...NAME)
    .requiredOption('--message <text>', 'what went wrong, for people (required)', parseMessage)
    .option('--reason <word>', 'one CamelCase word, for programs', parseFailureReason, 'WorkerFailed')
    .option('--delta <count>', 'amount of failed work; 0 leaves the counter as it is', parseFailDelta, 1)
    .option(...OPERATION_ID, parseOperationId);
  addWorkerOptions(verb, 'none')
    .addHelpText(
      'after',
      examples(
        ['koncli waitgroup fail batch --message "no space left" --reason DiskFull', 'a worker has failed for good'],
        [
          'koncli waitgroup fail batch --delta 0 --message "the job was cancelled"',
          'end all waits without lowering the counter',
        ],
        [
          './work || koncli waitgroup fail --message "./work exited with $?"',
          'in the WaitGroup of $KONDUCTOR_WAITGROUP, only if ./work failed',
        ],
      ),
    )
    .action(async (given: string | undefined, flags: Flags, command: Command) => {
      const name = readName(given, run, command);
      await onCluster(run, command, async (session) => {
        const { message, reason, delta, operationId } = flags;
        const worker = session.workerOf(name);
        if (worker) {
          const { markWorkerFailed } = await import('../../features/workers/changes.ts');
          return markWorkerFailed(worker, { message, reason }, { session, run });
        }
        const call = { delta, operationId: operationId ?? crypto.randomUUID() };
        const options = { ...session.callOptions, operationId: call.operationId };
        const counted = await session.client.fail(name, { message, reason }, delta, options);
        await session.confirmCounted(counted, describeFail(counted.group, call), operationId);
      });
    });
}
