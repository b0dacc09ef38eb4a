// koncli waitgroup set
import type { Command } from 'commander';
import { examples } from '../../arguments/help.ts';
import type { Run } from '../../arguments/invocation.ts';
import { readName } from '../../arguments/settings.ts';
import { NAME } from '../../arguments/shared-arguments.ts';
import { parseCounter, parseReason } from '../../arguments/values.ts';
import { counterOf, subject } from '../../output/output.ts';
import { onCluster } from '../../session/with-session.ts';

interface Flags {
  readonly counter: number;
  readonly reason: string;
}

const DESCRIPTION =
  'Repairs a wrong count, for example after a worker died before marking its work done. Sets the counter whatever its ' +
  'current value is. An Event on the WaitGroup records who changed it and why. A round that has failed stays failed: setting ' +
  '0 ends it, and the next add begins a new one.';

/** Declares the verb. */
export function defineSet(parent: Command, run: Run): void {
  parent
    .command('set')
    .summary('repair the counter')
    .description(DESCRIPTION)
    .argument(...NAME)
    .requiredOption('--counter <count>', 'amount of work that is really outstanding (required)', parseCounter)
    .requiredOption('--reason <text>', 'why the counter is set, for the Event (required)', parseReason)
    .addHelpText(
      'after',
      examples(
        ['koncli waitgroup set batch --counter 0 --reason "worker-7 was evicted"', 'release the waiters'],
        ['koncli waitgroup set batch --counter 3 --reason "counted by hand"', 'three workers are still running'],
      ),
    )
    .action(async (given: string | undefined, { counter, reason }: Flags, command: Command) => {
      const name = readName(given, run, command);
      await onCluster(run, command, async (session) => {
        const options = { ...session.callOptions, startedAt: performance.now() };
        const { group, operation } = await session.client.set(name, counter, options);
        const before = counter - (operation?.delta ?? 0);
        await session.confirm({
          objects: [group],
          lines: () => [
            `${subject(name)} ${operation ? `set from ${before} to ${counter}` : `unchanged, counter is ${counterOf(group)}`}`,
          ],
        });
        if (!operation) return;
        const { publishRepair } = await import('./repair-event.ts');
        await publishRepair(session, { group, before, after: counter, reason }, run);
      });
    });
}
