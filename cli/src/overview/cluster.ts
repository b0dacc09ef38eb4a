// What koncli status looks at: the CRD, the operator and the groups. It imports the client, so status imports it when it runs.

import type { Run } from '../arguments/invocation.ts';
import type { Settings } from '../arguments/settings.ts';
import { type Check, check, ok, warning } from '../doctor/check.ts';
import { examineCrd } from '../doctor/crd.ts';
import { examineOperator } from '../doctor/operator.ts';
import { createPatient } from '../doctor/patient.ts';
import { describeFailure } from '../failure/failure.ts';
import { warnOfUnreadable } from '../failure/unreadable.ts';
import type { Session } from '../session/session.ts';
import { operatorWitness, overviewOf, summarize } from './overview.ts';
import type { SeenCluster } from './overview-report.ts';

/** How to look. */
export interface Look {
  readonly run: Run;
  readonly settings: Settings;
  readonly allNamespaces: boolean;
}

/** Throws what keeps it from the groups: without them there is nothing to show. */
export async function examineCluster(session: Session, { run, settings, allNamespaces }: Look): Promise<SeenCluster> {
  const patient = createPatient(session, settings, { run });
  const { client, callOptions } = session;
  const groups = await client.list({ ...callOptions, allNamespaces, onUnreadable: warnOfUnreadable(run) });
  const now = new Date();
  const overview = overviewOf(groups, now);
  const describe = (error: unknown) => describeFailure(error, run);
  const installation = await Promise.all([
    check('CRD', () => examineCrd(patient), describe),
    check('operator', () => examineOperator(patient, async () => operatorWitness(groups, now)), describe),
  ]);
  const where = allNamespaces ? 'all namespaces' : `namespace "${client.namespace}"`;
  const message = summarize(overview, where);
  const found: Check = { name: 'WaitGroups', ...(overview.attention.length > 0 ? warning(message) : ok(message)) };
  return { checks: [...installation, found], overview, hasNamespaces: allNamespaces, program: run.program };
}
