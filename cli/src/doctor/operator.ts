// Whether the operator runs: its Deployment says so, or where that tells nothing, what the operator has done to a group.
import { waitGroupsPath } from '@konductor/client';
import { parseWaitGroup, type WaitGroup } from '@konductor/schema';
import { INSTALL } from '../failure/failure.ts';
import { secondsSince } from '../output/age.ts';
import { type Finding, ok, type Patient, warning } from './check.ts';
import { type Deployment, findDeployment, NAME } from './operator-deployment.ts';

/** A sign of life that is older may be one of an operator that is gone. */
const RECENT_SECONDS = 10 * 60;
const CONSEQUENCE = 'add, done and wait work, but groups are not deleted when their TTL is over';

/** Why the Deployment tells nothing, and what to do. */
export interface Absence {
  readonly state: string;
  readonly advice: string;
}

/** To those who may not look. */
export const UNSEEN: Absence = {
  state: 'may not be seen',
  advice: 'name a group that it should have seen, or ask somebody who may look',
};
/** It may run elsewhere. */
export const ABSENT: Absence = {
  state: 'is not there',
  advice: `install it with ${INSTALL}, unless it runs outside of the cluster`,
};

/** Asks for the Deployment, and where that tells nothing, for a group: the one that is asked about unless told otherwise. */
export async function examineOperator(patient: Patient, find = findGroup): Promise<Finding> {
  const deployment = await findDeployment(patient);
  if (deployment === 'unseen') return describeTraces(await find(patient), UNSEEN);
  if (deployment === 'absent') return describeTraces(await find(patient), ABSENT);
  return describeDeployment(deployment);
}

/** What the Deployment tells. */
export function describeDeployment({ metadata: { namespace, name }, spec, status }: Deployment): Finding {
  const deployment = `Deployment ${namespace}/${name}`;
  const wanted = spec?.replicas ?? 1;
  const ready = status?.readyReplicas ?? 0;
  if (ready > 0) return ok(`${deployment} has ${ready} of ${wanted} ready`);
  const advice =
    wanted === 0
      ? `kubectl -n ${namespace} scale deployment ${name} --replicas=1`
      : `look with kubectl -n ${namespace} describe pods`;
  return { outcome: 'failure', message: `${deployment} has 0 of ${wanted} ready: ${CONSEQUENCE}`, advice };
}

/** What a group tells: the operator leaves the generation that it has seen, and when the group was completed. */
export function describeTraces(group: WaitGroup | undefined, { state, advice }: Absence, now = new Date()): Finding {
  const absence = `Deployment ${NAME} ${state}`;
  if (group === undefined) return warning(`${absence}: whether the operator runs is not known`, advice);
  const { name, generation, creationTimestamp = '' } = group.metadata;
  if (group.status?.observedGeneration === generation) {
    const since = group.status?.completedAt ?? creationTimestamp;
    const seen = `${absence}, but it has seen waitgroup "${name}"`;
    if (state === UNSEEN.state || secondsSince(since, now) < RECENT_SECONDS) return ok(seen);
    return warning(`${seen} after ${since}: whether it still runs is not known`, advice);
  }
  return warning(`${absence}, and it has not seen waitgroup "${name}": unless it runs, ${CONSEQUENCE}`, advice);
}

async function findGroup({ transport, namespace, name, limits }: Patient): Promise<WaitGroup | undefined> {
  if (name === undefined) return undefined;
  try {
    const path = waitGroupsPath(namespace, name);
    return parseWaitGroup(await transport.request({ method: 'GET', path, ...limits }));
  } catch {
    // Another check says what keeps it out of sight.
    return undefined;
  }
}
