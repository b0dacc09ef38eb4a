// koncli waitgroup release
import type { Command } from 'commander';
import { examples } from '../../arguments/help.ts';
import type { Run } from '../../arguments/invocation.ts';
import { readName } from '../../arguments/settings.ts';
import { NAME } from '../../arguments/shared-arguments.ts';
import { parseWorkerId } from '../../arguments/worker.ts';
import { onCluster } from '../../session/with-session.ts';

interface Flags {
  readonly worker: string;
}

const DESCRIPTION =
  'Finishes the work of a worker that is lost, in its place: its work counts as finished, and its state is Lost. With ' +
  'spec.workerPolicy Fail, the WaitGroup fails. It needs the permission to manage the WaitGroup. Do not release a worker that ' +
  'is still working: waits would end too early.';

/** Declares the verb. */
export function defineRelease(parent: Command, run: Run): void {
  parent
    .command('release')
    .summary('finish the work of a worker that is lost')
    .description(DESCRIPTION)
    .argument(...NAME)
    .requiredOption('--worker <id>', 'ID of the worker, as status shows it (required)', parseWorkerId)
    .addHelpText(
      'after',
      examples([
        'koncli waitgroup release batch --worker worker-7',
        'the pod of worker-7 was lost and nothing replaces it',
      ]),
    )
    .action(async (given: string | undefined, { worker: id }: Flags, command: Command) => {
      const name = readName(given, run, command);
      await onCluster(run, command, async (session) => {
        const { releaseWorker } = await import('../../features/workers/changes.ts');
        await releaseWorker(session.client.worker(name, { id }), { session, run });
      });
    });
}
