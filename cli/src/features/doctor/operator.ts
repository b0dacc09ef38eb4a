// Checks whether the operator runs: by its Deployment, and by what it has written to WaitGroups, or should have.
import { waitGroupsPath } from '@konductor/client';
import { parseWaitGroup, type WaitGroup } from '@konductor/schema';
import { INSTALL } from '../../failure/failure.ts';
import { formatAgo, secondsSince } from '../../output/age.ts';
import { shell } from '../../output/command-line.ts';
import { type CheckContext, type Finding, ok, warning } from './check.ts';
import { type Deployment, findDeployment, type MissingReason, NAME } from './operator-deployment.ts';
import { describeLag } from './operator-lag.ts';

/** An older trace may come from an operator that no longer runs. */
const RECENT_SECONDS = 10 * 60;
const CONSEQUENCE =
  'workers with an identity are not counted, deadlines have no effect and WaitGroups are not deleted after their TTL';

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

/** Reads the Deployment, and what it has done for the WaitGroups: by default, for the one that the checks are for. */
export async function examineOperator(context: CheckContext, find = findGroups): Promise<Finding> {
  const [deployment, groups] = await Promise.all([findDeployment(context), find(context)]);
  const now = context.transport.clock.now();
  if (typeof deployment === 'string')
    return withLag(describeTraces(groups, deployment, now), groups, { now, advice: MISSING[deployment].advice });
  const { namespace, name } = deployment.metadata;
  const advice = shell`see kubectl logs deployment/${name} -n ${namespace}`;
  return withLag(describeDeployment(deployment), groups, { now, advice });
}

/** Describes the state of the Deployment. */
export function describeDeployment({ metadata: { namespace, name }, spec, status }: Deployment): Finding {
  const deployment = `Deployment ${namespace}/${name}`;
  const wanted = spec?.replicas ?? 1;
  const ready = status?.readyReplicas ?? 0;
  if (ready > 0 && wanted > 0) return ok(`${deployment} has ${ready} of ${wanted} replicas ready`);
  const advice =
    wanted === 0
      ? shell`kubectl scale deployment ${name} -n ${namespace} --replicas=1`
      : shell`see kubectl describe pods -n ${namespace}` + shell` and kubectl logs deployment/${name} -n ${namespace}`;
  return {
    outcome: 'failure',
    message: `${deployment} has ${Math.min(ready, wanted)} of ${wanted} replicas ready: ${CONSEQUENCE}`,
    advice,
  };
}

/** Without a Deployment only WaitGroups show that the operator has run: it records the generation that it has reconciled. */
export function describeTraces(groups: readonly WaitGroup[], reason: MissingReason, now: Date): Finding {
  const { state, advice } = MISSING[reason];
  const missing = `Deployment ${NAME} ${state}`;
  const [latest] = groups
    .filter(isReconciled)
    .sort((one, other) => Date.parse(traceOf(other)) - Date.parse(traceOf(one)));
  if (latest === undefined) return warning(`${missing}: it is unknown whether the operator is running`, advice);
  const seen = `the operator reconciled waitgroup "${latest.metadata.name}" ${formatAgo(traceOf(latest), now)}`;
  const isRecent = secondsSince(traceOf(latest), now) < RECENT_SECONDS;
  if (reason === 'forbidden' && isRecent) return ok(`${missing}, but ${seen}`);
  return warning(`${missing}: ${seen}, but it is unknown whether it is still running`, advice);
}

/** Work that is overdue contradicts a Deployment that is ready, and every trace. */
export function withLag(
  finding: Finding,
  groups: readonly WaitGroup[],
  { now, advice }: { readonly now: Date; readonly advice: string },
): Finding {
  const lagging = groups.find((group) => describeLag(group, now) !== undefined);
  if (lagging === undefined || finding.outcome === 'failure') return finding;
  const { namespace = '', name } = lagging.metadata;
  const message = `${finding.message}; waitgroup "${name}" in namespace "${namespace}": ${describeLag(lagging, now)}`;
  return warning(message, advice);
}

function isReconciled({ metadata, status }: WaitGroup): boolean {
  return status?.observedGeneration !== undefined && status.observedGeneration === metadata.generation;
}

/** The latest time at which the operator certainly ran. */
function traceOf({ metadata, status }: WaitGroup): string {
  return status?.completedAt ?? status?.failedAt ?? status?.startedAt ?? metadata.creationTimestamp ?? '';
}

async function findGroups({ transport, namespace, name, limits }: CheckContext): Promise<readonly WaitGroup[]> {
  if (name === undefined) return [];
  try {
    const path = waitGroupsPath(namespace, name);
    return [parseWaitGroup(await transport.request({ method: 'GET', path, ...limits }))];
  } catch {
    // Another check reports why it cannot be read.
    return [];
  }
}
