// Many groups whose TTL expires at the same moment, with completions as an earlier operator recorded them; another
// may be there.
import { ConflictError, type KubeTransport, WaitGroupApi } from '@konductor/client';
import type { WaitGroup } from '@konductor/schema';
import { inParallel } from '../waiting/in-parallel.ts';

const TTL_MS = 60_000;

export interface ExpiringGroupsOptions {
  readonly namespace: string;
  readonly count: number;
  /** For an operator to start before they expire. */
  readonly marginMs: number;
}

export interface ExpiringGroups {
  /** As they are stored. */
  readonly groups: readonly WaitGroup[];
  /** When all of them expire: after about the time that their creation took. */
  readonly expiry: number;
}

export async function createExpiringGroups(
  transport: KubeTransport,
  { namespace, count, marginMs }: ExpiringGroupsOptions,
): Promise<ExpiringGroups> {
  const api = new WaitGroupApi(transport, 'konductor-test');
  const startedAt = Date.now();
  const names = Array.from({ length: count }, (_, index) => `group-${index}`);
  const created = await inParallel(names, (name) => api.create(namespace, { name, spec: { ttl: `${TTL_MS}ms` } }));
  const expiry = Date.now() + (Date.now() - startedAt) + marginMs;
  const status = completedStatus(new Date(expiry - TTL_MS).toISOString());
  const complete = (group: WaitGroup) =>
    api.updateStatus(group, status).catch(async (error) => {
      // An operator that is there has written the initial status.
      if (!(error instanceof ConflictError)) throw error;
      return api.updateStatus(await api.get(namespace, group.metadata.name), status);
    });
  return { groups: await inParallel(created, complete), expiry };
}

function completedStatus(completedAt: string): NonNullable<WaitGroup['status']> {
  const condition = { type: 'Done', reason: 'Completed', message: '', lastTransitionTime: completedAt } as const;
  const totals = { counter: 0, added: 1, completions: 1, addedAtCompletion: 1 };
  const conditions = [{ ...condition, status: 'True' as const }];
  return { ...totals, phase: 'Done', observedGeneration: 1, completedAt, conditions };
}
