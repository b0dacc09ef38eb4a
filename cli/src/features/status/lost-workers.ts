// The workers with an identity whose pod or Job can no longer finish their work, and how to finish it in their place.
import { currentStatus, outstandingOfWorkers, type WaitGroup } from '@konductor/schema';
import { commandOn, shell } from '../../output/command-line.ts';
import { isLostWorker, nameOutstanding, type Outstanding } from '../workers/outstanding.ts';
import type { Step } from './advice.ts';
import type { LostWork } from './workers.ts';

/** Undefined where none is known to be lost. */
export function describeLostWorkers(outstanding: Outstanding | undefined): LostWork | undefined {
  if (!outstanding?.lost) return undefined;
  const { total, lost, shown } = outstanding;
  const names = nameOutstanding({ total: lost, shown: shown.filter(isLostWorker) });
  return { text: `${lost} of ${total} outstanding workers lost: ${names}`, isCertain: true };
}

/** The step for the first of them. */
export function releaseLost({ metadata }: WaitGroup, outstanding: Outstanding | undefined): Step[] {
  const [worker] = outstanding?.shown.filter(isLostWorker) ?? [];
  if (worker === undefined) return [];
  const purpose = worker.job
    ? `recreate Job ${worker.job} under its name, or finish its work`
    : `if nothing replaces the pod of ${worker.id}, finish its work`;
  return [{ purpose, command: commandOn('koncli waitgroup release', metadata, shell` --worker ${worker.id}`) }];
}

/** The counter cannot be set below the outstanding work of workers with an identity. */
export function repairCounter(group: WaitGroup): Step[] {
  const status = currentStatus(group);
  if (status.counter <= outstandingOfWorkers(status)) return [];
  const purpose = 'if workers are gone, set the counter to the work that is really outstanding';
  return [{ purpose, command: commandOn('koncli waitgroup set', group.metadata, ' --counter N --reason WHY') }];
}
