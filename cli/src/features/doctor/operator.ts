// Checks whether the operator runs: by its Deployment, or if that cannot be read, by what it has written to a WaitGroup.
import { waitGroupsPath } from '@konductor/client';
import { parseWaitGroup, type WaitGroup } from '@konductor/schema';
import { INSTALL } from '../../failure/failure.ts';
import { secondsSince } from '../../output/age.ts';
import { shell } from '../../output/command-line.ts';
import { type CheckContext, type Finding, ok, warning } from './check.ts';
import { type Deployment, findDeployment, type MissingReason, NAME } from './operator-deployment.ts';

/** An older trace may come from an operator that no longer runs. */
const RECENT_SECONDS = 10 * 60;
const CONSEQUENCE = 'add, done and wait work, but WaitGroups are not deleted after their TTL';

/** The state of a missing Deployment, and what to do. */
const MISSING = {
  forbidden: {
    state: 'cannot be read (forbidden)',
    advice: 'pass the name of a WaitGroup that the operator should have reconciled, or ask a user who can read it',
  },
  notFound: {
    state: 'not found',
    advice: `install it with ${INSTALL}, unless the operator runs outside the cluster`,
  },
} as const satisfies Record<MissingReason, { state: string; advice: string }>;

/** Reads the Deployment, or if it is missing, a WaitGroup: by default the one that the checks are for. */
export async function examineOperator(context: CheckContext, find = findGroup): Promise<Finding> {
  const deployment = await findDeployment(context);
  return typeof deployment === 'string'
    ? describeTraces(await find(context), deployment)
    : describeDeployment(deployment);
}

/** Describes the state of the Deployment. */
export function describeDeployment({ metadata: { namespace, name }, spec, status }: Deployment): Finding {
  const deployment = `Deployment ${namespace}/${name}`;
  const wanted = spec?.replicas ?? 1;
  const ready = status?.readyReplicas ?? 0;
  if (ready > 0) return ok(`${deployment} has ${ready} of ${wanted} replicas ready`);
  const advice =
    wanted === 0
      ? shell`kubectl -n ${namespace} scale deployment ${name} --replicas=1`
      : shell`see kubectl -n ${namespace} describe pods`;
  return { outcome: 'failure', message: `${deployment} has 0 of ${wanted} replicas ready: ${CONSEQUENCE}`, advice };
}

/** Describes what a WaitGroup shows: the operator records the generation that it has reconciled, and the completion. */
export function describeTraces(group: WaitGroup | undefined, reason: MissingReason, now = new Date()): Finding {
  const { state, advice } = MISSING[reason];
  const missing = `Deployment ${NAME} ${state}`;
  if (group === undefined) return warning(`${missing}: it is unknown whether the operator is running`, advice);
  const { name, generation, creationTimestamp = '' } = group.metadata;
  if (group.status?.observedGeneration === generation) {
    const since = group.status?.completedAt ?? creationTimestamp;
    const reconciled = `${missing}, but the operator has reconciled waitgroup "${name}"`;
    if (reason === 'forbidden' || secondsSince(since, now) < RECENT_SECONDS) return ok(reconciled);
    return warning(`${reconciled} after ${since}: it is unknown whether it is still running`, advice);
  }
  return warning(
    `${missing}, and the operator has not reconciled waitgroup "${name}": unless it runs, ${CONSEQUENCE}`,
    advice,
  );
}

async function findGroup({ transport, namespace, name, limits }: CheckContext): Promise<WaitGroup | undefined> {
  if (name === undefined) return undefined;
  try {
    const path = waitGroupsPath(namespace, name);
    return parseWaitGroup(await transport.request({ method: 'GET', path, ...limits }));
  } catch {
    // Another check reports why it cannot be read.
    return undefined;
  }
}
