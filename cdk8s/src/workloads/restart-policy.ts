// Which restart policies make sense for a pod that counts or waits: those that its kind knows, and for a worker without a
// controller those that let it end.

const OF_JOBS = ['Never', 'OnFailure'];
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  Pod: ['Always', ...OF_JOBS],
  Job: OF_JOBS,
  CronJob: OF_JOBS,
};

/** Throws the end of a sentence that begins with the workload. */
export function checkRestartPolicy(kind: string, policy = 'Always'): void {
  const allowed = ALLOWED[kind] ?? ['Always'];
  if (!allowed.includes(policy))
    throw new Error(`has the restart policy ${policy}, which no ${kind} may have: make it ${allowed.join(' or ')}`);
}

/** A Deployment's pods are there to stay; a pod by itself that starts over would add for ever. */
export function checkWorkerRestartPolicy(kind: string, policy = 'Always'): void {
  checkRestartPolicy(kind, policy);
  if (kind === 'Pod' && policy === 'Always')
    throw new Error(
      `starts over when its work is done, and adds again: make its restart policy ${OF_JOBS.join(' or ')}`,
    );
}
