// Requests of pods about the records of workers, by tokens that are bound to the pods: what workers-policy.test.ts sends.
import { connect, KubeTransport, resourcePath } from '@konductor/client';
import {
  API_GROUP_VERSION,
  type PodReference,
  type WaitGroupWorker,
  workerNames,
  workerRecordName,
} from '@konductor/schema';
import { inject } from 'vitest';
import { workerRules } from '../../../cdk8s/src/rbac/rules.ts';
import { administratorRequest, applyObject } from '../../support/cluster/administrator.ts';
import { grantRules } from '../../support/cluster/client-access.ts';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import type { PolicyRule } from '../../support/cluster/permissions.ts';
import { create } from '../../support/cluster/raw-requests.ts';
import { serviceAccountKubeconfig } from '../../support/cluster/tokens.ts';
import { workersPath } from '../../support/cluster/worker-records.ts';
import { eventually } from '../../support/waiting/eventually.ts';

const access = inject('controlPlane');
const transports: KubeTransport[] = [];
/** Set by `prepare`. */
export let namespace: string;
export let groups: Record<'batch' | 'other', PodReference>;
/** The pods by their names. */
export const pods = new Map<string, PodReference>();

type Spec = Partial<WaitGroupWorker['spec']>;
type Metadata = Partial<WaitGroupWorker['metadata'] & { ownerReferences: object[]; finalizers: string[] }>;

/** Closed by `close`. */
export async function openTransport(kubeconfig: string): Promise<KubeTransport> {
  const transport = new KubeTransport(await connect({ kubeconfig, env: {} }));
  transports.push(transport);
  return transport;
}
export function close(): void {
  for (const transport of transports) transport.close();
}

/** Two WaitGroups, and an account that works for one of them; resolves when the policy is enforced. */
export async function prepare(): Promise<void> {
  namespace = await createNamespace(access, 'workers');
  const named = async (name: string) => (await create(namespace, { metadata: { name } })).metadata as PodReference;
  groups = { batch: await named('batch'), other: await named('other') };
  const rules = workerRules('batch') as PolicyRule[];
  await applyObject(access, account('worker'), { kind: 'ServiceAccount' });
  await grantRules(access, { namespace, rules, name: 'worker' });
  const pod = await podNamed('first');
  const reasonOf = (reason: Error) => reason.message;
  const probe = () => post(pod, record('other', 'first', {}), { dryRun: 'All' }).then(() => '', reasonOf);
  // The API server enforces a policy a moment after it is created.
  await eventually('the enforcement of the policy', async () => (await probe()).includes('is not pod first'));
}

export const account = (name: string) => ({ apiVersion: 'v1', resource: 'serviceaccounts', namespace, name });

/** The client of a pod of the account `worker`, by a token that is bound to it. */
export async function podNamed(name: string, home = namespace): Promise<KubeTransport> {
  const spec = { serviceAccountName: 'worker', containers: [{ name: 'main', image: 'none' }] };
  const body = { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec };
  const path = resourcePath({ apiVersion: 'v1', resource: 'pods', namespace: home });
  const { metadata } = await administratorRequest<{ metadata: PodReference }>(access, { method: 'POST', path, body });
  pods.set(name, { name, uid: metadata.uid });
  const token = { namespace: home, serviceAccount: 'worker', boundPod: name };
  return openTransport(await serviceAccountKubeconfig(access, token));
}

/** The record of a worker of `batch` that has just added its work. */
export function record(
  worker: string,
  pod: string,
  { metadata, ...spec }: Spec & { metadata?: Metadata },
): WaitGroupWorker {
  const { waitGroup = 'batch' } = spec;
  const { uid } = groups[waitGroup as keyof typeof groups];
  const owner = { apiVersion: API_GROUP_VERSION, kind: 'WaitGroup', name: waitGroup, uid };
  const name = workerRecordName({ name: waitGroup, uid }, worker);
  const tally = { added: 1, done: 0, borrowed: 0, round: 0, state: 'Active' } as const;
  return {
    ...{ apiVersion: API_GROUP_VERSION, kind: workerNames.kind },
    metadata: { name, namespace, ownerReferences: [owner], ...metadata } as WaitGroupWorker['metadata'],
    spec: { waitGroup, waitGroupUid: uid, worker, ...tally, ...(pods.has(pod) && { pod: pods.get(pod) }), ...spec },
  } as WaitGroupWorker;
}

export const post = (transport: KubeTransport, body: WaitGroupWorker, query: Record<string, string> = {}) =>
  transport.request<WaitGroupWorker>({ method: 'POST', path: workersPath(namespace), body, query });

export const patch = (transport: KubeTransport, { metadata: { name } }: WaitGroupWorker, body: object) =>
  transport.request<WaitGroupWorker>({
    ...{ method: 'PATCH', path: workersPath(namespace, name), body },
    contentType: 'application/merge-patch+json',
  });
