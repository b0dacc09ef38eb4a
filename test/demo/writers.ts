// Who changed the group, by the API server's own audit log: the proof that each process acted with its own permissions and no others.
import { auditEvents } from '../support/cluster/audit.ts';
import type { Stage } from './stage.ts';

/** How many status writes of each user were accepted, by the user's name. */
export async function acceptedWrites({ controlPlane }: Stage, group: string): Promise<ReadonlyMap<string, number>> {
  const filter = { verb: 'update', resource: 'waitgroups', subresource: 'status', name: group } as const;
  const writes = new Map<string, number>();
  for (const { user, responseStatus } of await auditEvents(controlPlane, { ...filter, stage: 'ResponseComplete' })) {
    if (responseStatus?.code === 200) writes.set(user.username, (writes.get(user.username) ?? 0) + 1);
  }
  return writes;
}

/** `system:serviceaccount:NAMESPACE:NAME`. */
export function userOf(namespace: string, serviceAccount: string): string {
  return `system:serviceaccount:${namespace}:${serviceAccount}`;
}
