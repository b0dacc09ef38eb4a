// koncli waitgroup wait
import type { WaitGroup } from '@konductor/schema';
import type { Command } from 'commander';
import { examples } from '../../arguments/help.ts';
import type { Run } from '../../arguments/invocation.ts';
import { readNames, readSettings } from '../../arguments/settings.ts';
import { NAMES, SELECTOR } from '../../arguments/shared-arguments.ts';
import { parseMinAdded, parseTimeout, type Timeout, withoutEqualsSign } from '../../arguments/values.ts';
import { describeWaited, totalOf } from '../../output/output.ts';
import { withSession } from '../../session/with-session.ts';

interface Flags {
  readonly selector?: string;
  readonly minAdded?: number;
  readonly appearTimeout?: Timeout;
  readonly ignoreFailure?: boolean;
}

const DESCRIPTION =
  'Waits until the counter is zero, or was zero at any time since the wait began. With several WaitGroups, waits for all. ' +
  'With -l, waits for all that match now; if there is none yet, for the first that does. ' +
  'Deleting a WaitGroup ends the wait with exit code 2, a failure (fail, spec.deadline) with 6. --timeout 0 checks once.';

/** Declares the verb. */
export function defineWait(parent: Command, run: Run): void {
  parent
    .command('wait')
    .summary('wait until all work is done')
    .description(DESCRIPTION)
    .argument(...NAMES)
    .option(...SELECTOR, withoutEqualsSign)
    .option('--min-added <count>', 'not done until at least this many have been added in total', parseMinAdded)
    .option(
      '--appear-timeout <duration>',
      'how long to wait for the WaitGroup to be created, or for a first match (default: 30s)',
      parseTimeout,
    )
    .option('--ignore-failure', 'wait for the counter to be zero even if work has failed')
    .addHelpText(
      'after',
      examples(
        ['koncli waitgroup wait batch --timeout 30m', 'wait for at most 30 minutes'],
        ['koncli waitgroup wait batch --min-added 10', 'safe to start before the workers have been added'],
        ['koncli waitgroup wait -l app=etl', 'wait for all WaitGroups that have the label now'],
        ['koncli waitgroup wait batch --timeout 0', 'check once: exit code 0 if done, 3 if not, 6 if it failed'],
      ),
    )
    .action(async (given: string[], flags: Flags, command: Command) => {
      const { selector } = flags;
      if (selector !== undefined && given.length > 0) command.error('give names or a selector, not both');
      // To kubectl an empty selector means everything. Here it is more likely an unset variable.
      if (selector?.trim() === '') command.error('the selector is empty: give labels, such as -l app=x');
      const names = selector === undefined ? readNames(given, run, command) : undefined;
      const settings = readSettings(command, run.env);
      const { minAdded, appearTimeout, ignoreFailure } = flags;
      if (appearTimeout?.ms && settings.timeout?.ms === 0)
        command.error('--appear-timeout has no effect with a timeout of 0, which checks once');
      await withSession(run, settings, async (session) => {
        const startedAt = performance.now();
        const { selectTargets } = await import('../../features/waiting/select-targets.ts');
        const { waitForAll } = await import('../../features/waiting/wait-for-all.ts');
        const options = { session, run, startedAt, minAdded, appearTimeoutMs: appearTimeout?.ms, ignoreFailure };
        const targets = names ?? (await selectTargets(selector ?? '', options));
        const groups = await waitForAll(targets, options);
        if (minAdded === undefined) warnOfUnused(groups, run);
        const result = { objects: groups, isList: targets.length > 1, lines: () => groups.map(describeWaited) };
        await session.confirm(result, 'the wait succeeded');
      });
    });
}

/** Zero is also the counter of a WaitGroup whose work is yet to be added. */
function warnOfUnused(groups: readonly WaitGroup[], { log }: Run): void {
  for (const { metadata } of groups.filter((group) => totalOf(group) === 0))
    log.warn(
      `nothing was ever added to waitgroup "${metadata.name}", so it is done: to wait for work that is added later, give --min-added`,
    );
}
