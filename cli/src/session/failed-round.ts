// Warns whoever adds work to a round that has failed.
import type { WaitGroup } from '@konductor/schema';
import type { Run } from '../arguments/invocation.ts';
import { asCalledBy } from '../arguments/program-name.ts';
import { commandOn } from '../output/command-line.ts';

/** Says nothing if the round has not failed. */
export function warnOfFailedRound({ metadata, status }: WaitGroup, { log, program }: Run): void {
  if (status?.outcome !== 'Failed' || status.counter === 0) return;
  const why = status.failure ? ` (${status.failure.reason})` : '';
  const more = asCalledBy(program, commandOn('koncli waitgroup status', metadata));
  log.warn(
    `waitgroup "${metadata.name}" has failed${why}, and stays failed until its counter is zero: waits end with exit code 6; for more, run ${more}`,
  );
}
