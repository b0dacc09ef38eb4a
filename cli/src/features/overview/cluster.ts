// Reads the CRD, the operator and the WaitGroups for koncli status. It imports the client, so status imports it when it runs.
import type { Run } from '../../arguments/invocation.ts';
import type { Settings } from '../../arguments/settings.ts';
import { describeFailure } from '../../failure/failure.ts';
import { warnOfUnreadable } from '../../failure/unreadable.ts';
import { counterOf } from '../../output/output.ts';
import type { Session } from '../../session/session.ts';
import { type Check, check, createCheckContext, ok, warning } from '../doctor/check.ts';
import { examineCrd } from '../doctor/crd.ts';
import { examineOperator } from '../doctor/operator.ts';
import { readLivePods } from '../workers/pods.ts';
import { overviewOf, summarize } from './overview.ts';
import type { ClusterOverview } from './overview-report.ts';

/** Throws when the WaitGroups cannot be listed: then there is nothing to show. */
export async function examineCluster(
  session: Session,
  { run, settings, allNamespaces }: { run: Run; settings: Settings; allNamespaces: boolean },
): Promise<ClusterOverview> {
  const context = createCheckContext(session, settings, { run });
  const { client, callOptions } = session;
  const groups = await client.list({ ...callOptions, allNamespaces, onUnreadable: warnOfUnreadable(run) });
  const isWaiting = groups.some((group) => counterOf(group) > 0);
  const pods = isWaiting ? await readLivePods(session, allNamespaces ? undefined : client.namespace) : undefined;
  const overview = overviewOf(groups, { pods, now: session.transport.clock.now() });
  const describe = (error: unknown) => describeFailure(error, run);
  const installation = await Promise.all([
    check('CRD', () => examineCrd(context), describe),
    check('operator', () => examineOperator(context, async () => groups), describe),
  ]);
  const where = allNamespaces ? 'all namespaces' : `namespace "${client.namespace}"`;
  const message = summarize(overview, where);
  const waitGroups: Check = { name: 'WaitGroups', ...(overview.attention.length > 0 ? warning(message) : ok(message)) };
  return { checks: [...installation, waitGroups], overview, hasNamespaces: allNamespaces, program: run.program };
}
