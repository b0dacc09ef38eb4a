// A thousand groups whose time comes at once, collected by the compiled operator. How late the last ones are is a matter of
// the machine and is printed; that none is early, missed or tried twice is not.
import { waitGroupsPath } from '@konductor/client';
import type { WaitGroup } from '@konductor/schema';
import { expect, inject, it } from 'vitest';
import { quantile } from '../bench/distribution.ts';
import type { AuditEvent } from '../support/audit.ts';
import { eventually } from '../support/eventually.ts';
import { createNamespace } from '../support/namespaces.ts';
import { installOperator, operatorRequests, startOperatorIn } from './installed-operator.ts';
import { create, replaceStatus, transport } from './raw-requests.ts';

const GROUPS = 1_000;
const CONNECTIONS = 50;
const TTL_MS = 60_000;
/** For the operator to start. */
const MARGIN_MS = 3_000;
const controlPlane = inject('controlPlane');

it('collects 1,000 groups that expire together once each, and none too early', { timeout: 120_000 }, async () => {
  const kubeconfig = await installOperator(controlPlane);
  const namespace = await createNamespace(controlPlane, 'mass');
  const expiry = await createExpiring(namespace);
  await startOperatorIn(namespace, kubeconfig);
  await eventually(() => isEmpty(namespace), { what: 'the collection', timeoutMs: 90_000, intervalMs: 200 });
  const deletions = await eventually(
    async () => {
      const requests = await operatorRequests(controlPlane, namespace);
      const sofar = requests.filter(({ verb }) => verb === 'delete');
      return sofar.length >= GROUPS && sofar;
    },
    { what: 'every deletion in the audit log' },
  );
  const late = deletions.map(({ stageTimestamp }) => Date.parse(stageTimestamp) - expiry);
  console.info(`late: p50 ${quantile(late, 0.5)} ms, p99 ${quantile(late, 0.99)} ms, max ${quantile(late, 1)} ms`);
  expect(deletions.map(({ responseStatus }) => responseStatus?.code)).toEqual(Array(GROUPS).fill(200));
  expect(Math.min(...deletions.map(receivedAt))).toBeGreaterThanOrEqual(expiry);
  expect(quantile(late, 1)).toBeLessThan(60_000);
});

const receivedAt = ({ requestReceivedTimestamp }: AuditEvent) => Date.parse(requestReceivedTimestamp);

/** Returns the moment when all of them expire: after about the time that their creation took. */
async function createExpiring(namespace: string): Promise<number> {
  const startedAt = Date.now();
  const groups = await inParallel(Array.from({ length: GROUPS }).keys(), (index) =>
    create(namespace, { metadata: { name: `group-${index}` }, spec: { ttl: `${TTL_MS}ms` } }),
  );
  const expiry = Date.now() + (Date.now() - startedAt) + MARGIN_MS;
  const status = completedStatus(new Date(expiry - TTL_MS).toISOString());
  await inParallel(groups.values(), (group) => replaceStatus(group, status));
  return expiry;
}

/** As an operator would have recorded it that is no more. */
function completedStatus(completedAt: string): NonNullable<WaitGroup['status']> {
  const condition = { type: 'Done', reason: 'Completed', message: '', lastTransitionTime: completedAt } as const;
  const totals = { counter: 0, added: 1, completions: 1, addedAtCompletion: 1 };
  const conditions = [{ ...condition, status: 'True' as const }];
  return { ...totals, phase: 'Done', observedGeneration: 1, completedAt, conditions };
}

/** Runs one after the other on each of several connections. */
async function inParallel<T, R>(inputs: Iterator<T>, run: (input: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const connection = async () => {
    for (let next = inputs.next(); !next.done; next = inputs.next()) results.push(await run(next.value));
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, connection));
  return results;
}

async function isEmpty(namespace: string): Promise<boolean> {
  const path = waitGroupsPath(namespace);
  const { items } = await transport.request<{ items: [] }>({ method: 'GET', path, query: { limit: 1 } });
  return items.length === 0;
}
