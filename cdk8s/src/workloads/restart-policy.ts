// The restart policies that work for a pod that counts or waits: those that its kind allows, and for a worker without a
// controller those that let it finish.

const FINISHING = ['Never', 'OnFailure'];
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  Pod: ['Always', ...FINISHING],
  Job: FINISHING,
  CronJob: FINISHING,
};

export function checkRestartPolicy(kind: string, policy = 'Always'): void {
  const allowed = ALLOWED[kind] ?? ['Always'];
  if (!allowed.includes(policy))
    throw new Error(`restart policy ${policy} is not allowed for a ${kind}; use ${allowed.join(' or ')}`);
}

/** The pods of a Deployment are meant to stay; a bare Pod that restarts would add again and again. */
export function checkWorkerRestartPolicy(kind: string, policy = 'Always'): void {
  checkRestartPolicy(kind, policy);
  if (kind === 'Pod' && policy === 'Always')
    throw new Error(`restart policy Always would run its work again and again; use ${FINISHING.join(' or ')}`);
}
