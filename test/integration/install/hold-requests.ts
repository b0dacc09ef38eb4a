// KonductorHold for one namespace of the shared control plane, and requests for Jobs and pods in it, by the operator's own account
// and by others.

import { KonductorHold } from '@konductor/cdk8s';
import { connect, KubeTransport, resourcePath } from '@konductor/client';
import { inject } from 'vitest';
import { restrictedContainer, restrictedPod } from '../../../cdk8s/src/workloads/pod-security.ts';
import { type Manifest, synth } from '../../cdk8s/synth.ts';
import { administratorRequest } from '../../support/cluster/administrator.ts';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import { serviceAccountKubeconfig } from '../../support/cluster/tokens.ts';
import { kubectlOutput } from '../../support/processes/kubectl.ts';
import { eventually } from '../../support/waiting/eventually.ts';

const access = inject('controlPlane');
const RESTRICTED = { 'pod-security.kubernetes.io/enforce': 'restricted' };
const OPERATOR = 'releaser';
export const AFTER = { 'konductor.io/after': 'batch' };
export const GATE = { name: 'konductor.io/after' };
export const POD = {
  ...{ restartPolicy: 'Never', securityContext: restrictedPod() },
  containers: [{ name: 'main', image: 'none', securityContext: restrictedContainer() }],
};
export const RELEASED = { 'konductor.io/released-at': '2026-01-01T00:00:00.000Z' };

/** Set by `prepare`. */
export let namespace: string;
let operator: KubeTransport;

/** An operator that may release in one namespace, which enforces the restricted standard; resolves when the policies have an effect. */
export async function prepare(): Promise<void> {
  namespace = await createNamespace(access, 'held', RESTRICTED);
  const props = { operatorNamespace: namespace, serviceAccountName: OPERATOR, watchNamespace: namespace };
  const items = synth((scope) => new KonductorHold(scope, 'Hold', props));
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
  await kubectlOutput(access, ['apply', '--server-side', '-f', '-'], { input });
  operator = await clientOf(OPERATOR);
  const { metadata } = await create('pods', { name: 'probe' }, POD);
  const reasonOf = (error: Error) => error.message;
  const label = () => patch('pods', metadata.name, { metadata: { labels: { a: 'b' } } }).then(() => '', reasonOf);
  await eventually('the policy on the operator', async () => (await label()).includes('denied request'));
  await eventually('the policies that hold', async () => (await isHeld('jobs')) && (await isHeld('pods')));
}

export const close = () => operator.close();

async function isHeld(resource: Resource): Promise<boolean> {
  const spec = resource === 'jobs' ? { template: { spec: POD } } : POD;
  const { suspend, schedulingGates } = (await create(resource, { name: 'probing', labels: AFTER }, spec, DRY)).spec;
  return suspend ?? schedulingGates !== undefined;
}

/** A client with the token of an account of the namespace. */
export async function clientOf(serviceAccount: string): Promise<KubeTransport> {
  const kubeconfig = await serviceAccountKubeconfig(access, { namespace, serviceAccount });
  return new KubeTransport(await connect({ kubeconfig, env: {} }));
}

export type Resource = 'jobs' | 'pods';
export const DRY = { dryRun: 'All' };
const versionOf = (resource: Resource) => (resource === 'jobs' ? 'batch/v1' : 'v1');
export const pathOf = (resource: Resource, name?: string, home = namespace) =>
  resourcePath({ apiVersion: versionOf(resource), resource, namespace: home, ...(name && { name }) });

/** By the administrator. */
export function create(resource: Resource, metadata: object, spec: object, query = {}, home = namespace) {
  const kind = resource === 'jobs' ? 'Job' : 'Pod';
  const body = { apiVersion: versionOf(resource), kind, metadata, spec };
  const path = pathOf(resource, undefined, home);
  return administratorRequest<Manifest>(access, { method: 'POST', path, query, body });
}

export type PatchType = 'merge' | 'strategic-merge' | 'json';

/** By the operator, unless another client is given. */
export function patch(
  resource: Resource,
  name: string,
  body: object,
  { type = 'merge', query = {}, client = operator }: { type?: PatchType; query?: object; client?: KubeTransport } = {},
): Promise<Manifest> {
  const path = pathOf(resource, name);
  return client.request({
    ...{ method: 'PATCH', path, query: query as Record<string, string>, body },
    contentType: `application/${type}-patch+json`,
  });
}

/** Any other request of the operator. */
export const request = (
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  path: string,
  body?: object,
  contentType?: string,
) => operator.request({ method, path, ...(body && { body }), ...(contentType && { contentType }) });
