// Records of workers on the shared control plane, written by the pure rules, as any client may.
import { listAll, NotFoundError, resourcePath } from '@konductor/client';
import {
  API_GROUP_VERSION,
  applyWorkerOperation,
  type WaitGroup,
  type WaitGroupWorker,
  type WorkerOperation,
  workerNames,
  workerRecordName,
} from '@konductor/schema';
import { api, transport } from './raw-requests.ts';

type Identity = { readonly name: string; readonly namespace: string; readonly uid: string };

export const identityOf = ({ metadata }: WaitGroup): Identity => ({
  name: metadata.name,
  namespace: metadata.namespace ?? '',
  uid: metadata.uid ?? '',
});

export function workersPath(namespace: string, name?: string): string {
  return resourcePath({ apiVersion: API_GROUP_VERSION, resource: workerNames.plural, namespace, name });
}

/** One operation of a worker; returns its record as stored. Throws if the rule says that there is nothing to write. */
export async function operate(
  group: Identity,
  kind: WorkerOperation['kind'],
  worker: string,
  operation: Partial<WorkerOperation> = {},
): Promise<WaitGroupWorker> {
  const name = workerRecordName(group, worker);
  const record = await findWorker(group.namespace, name);
  const id = crypto.randomUUID();
  const step = applyWorkerOperation(record, group, { kind, id, worker, round: 0, ...operation });
  if (step.kind === 'none') throw new Error(`${kind} of ${worker}: ${step.why}`);
  const owner = { apiVersion: API_GROUP_VERSION, kind: 'WaitGroup', name: group.name, uid: group.uid };
  const body = { apiVersion: API_GROUP_VERSION, kind: workerNames.kind, spec: step.spec };
  if (record === undefined) {
    const metadata = { name, ownerReferences: [owner] };
    return transport.request({ method: 'POST', path: workersPath(group.namespace), body: { ...body, metadata } });
  }
  const { metadata } = record;
  return transport.request({ method: 'PUT', path: workersPath(group.namespace, name), body: { ...body, metadata } });
}

export async function findWorker(namespace: string, name: string): Promise<WaitGroupWorker | undefined> {
  try {
    return await transport.request<WaitGroupWorker>({ method: 'GET', path: workersPath(namespace, name) });
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  }
}

export async function deleteWorker({ namespace }: Identity, name: string): Promise<void> {
  await transport.request({ method: 'DELETE', path: workersPath(namespace, name) });
}

/** The present status of a WaitGroup. */
export async function statusOf({ namespace, name }: Identity): Promise<NonNullable<WaitGroup['status']>> {
  const { status } = await api.get(namespace, name);
  if (status === undefined) throw new Error(`${name} has no status`);
  return status;
}

export async function workersIn({ namespace }: Identity): Promise<readonly WaitGroupWorker[]> {
  return (await listAll<WaitGroupWorker>(transport, { path: workersPath(namespace) })).items;
}
