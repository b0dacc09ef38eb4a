// The advice on a WaitGroup whose present round has failed: what failed, and how to start over.
import { currentStatus, outstandingOfWorkers, type WaitGroup } from '@konductor/schema';
import { commandOn, shell } from '../../output/command-line.ts';
import { describeCause } from '../../output/failure-text.ts';
import type { Outstanding } from '../workers/outstanding.ts';
import type { Advice, Evidence, Step } from './advice.ts';
import { describeExpiry } from './time-limits.ts';
import { isGeneratedName } from './workers.ts';

export function adviseOnFailed(group: WaitGroup, { outstanding, now }: Evidence): Advice {
  const { counter, added = counter, failure } = currentStatus(group);
  const cause = failure ? `: ${describeCause(failure, now)}` : '';
  const work = `${counter} outstanding, ${added} added in total`;
  return {
    state: `Failed${cause}; ${work}; waits end with exit code 6${describeExpiry(group, now)}`,
    needsAttention: true,
    steps: [
      evidence(group, failure?.worker, outstanding),
      ...moreTime(group),
      nextRound(group, outstanding),
      ...removal(group),
    ],
  };
}

function evidence({ metadata: { namespace = '' } }: WaitGroup, worker?: string, outstanding?: Outstanding): Step {
  const job = outstanding?.ofJobs?.find(({ spec }) => spec.worker === worker)?.spec.job;
  if (job) return { purpose: 'see why it failed', command: shell`kubectl describe job ${job.name} -n ${namespace}` };
  if (worker !== undefined && isGeneratedName(worker))
    return { purpose: 'see why it failed', command: shell`kubectl logs ${worker} -n ${namespace}` };
  return {
    purpose: 'see which workers are running or have failed',
    command: shell`kubectl get jobs,pods -n ${namespace}`,
  };
}

/** The next round has the same deadline. */
function moreTime({ spec, status, metadata }: WaitGroup): Step[] {
  if (status?.failure?.reason !== 'DeadlineExceeded' || spec?.deadline === undefined) return [];
  const command = commandOn('kubectl patch waitgroup', metadata, ` --type=merge -p '{"spec":{"deadline":"DURATION"}}'`);
  return [{ purpose: 'if the work needs more time', command }];
}

/** Own work of workers with an identity is outstanding until they finish it, or are released. */
function nextRound(group: WaitGroup, outstanding: Outstanding | undefined): Step {
  const { metadata } = group;
  const status = currentStatus(group);
  if (status.counter === 0)
    return { purpose: 'to start over, add the work again', command: commandOn('koncli waitgroup add', metadata) };
  const id = outstanding?.shown[0]?.id ?? 'ID';
  const command =
    outstandingOfWorkers(status) > 0
      ? commandOn('koncli waitgroup release', metadata, shell` --worker ${id}`)
      : commandOn('koncli waitgroup set', metadata, ' --counter 0 --reason WHY');
  return { purpose: 'to start over, first end this round', command };
}

function removal({ spec, metadata }: WaitGroup): Step[] {
  if (spec?.ttl !== undefined) return [];
  return [{ purpose: 'when it is no longer needed', command: commandOn('koncli waitgroup delete', metadata) }];
}
