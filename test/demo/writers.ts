// Who changed the group, by the API server's own audit log: the proof that each process acted with its own permissions and no others.
import { auditEvents } from '../support/cluster/audit.ts';
import type { Stage } from './stage.ts';

/** How many writes of each user were accepted that count: of the status, and of new records of workers; by the user's name. */
export async function acceptedWrites({ controlPlane }: Stage, group: string): Promise<ReadonlyMap<string, number>> {
  const counted = { verb: 'update', resource: 'waitgroups', subresource: 'status', name: group };
  const recorded = { verb: 'create', resource: 'waitgroupworkers' };
  const stage = 'ResponseComplete';
  const events = await Promise.all(
    [counted, recorded].map((filter) => auditEvents(controlPlane, { ...filter, stage })),
  );
  const writes = new Map<string, number>();
  for (const { user, responseStatus: { code = 0 } = {} } of events.flat()) {
    if (code === 200 || code === 201) writes.set(user.username, (writes.get(user.username) ?? 0) + 1);
  }
  return writes;
}

/** `system:serviceaccount:NAMESPACE:NAME`. */
export function userOf(namespace: string, serviceAccount: string): string {
  return `system:serviceaccount:${namespace}:${serviceAccount}`;
}
