// Clients of a control plane: each with connections of its own, as the administrator or as an account with few permissions.
import {
  connect,
  KubeTransport,
  type KubeTransportOptions,
  WaitGroupClient,
  type WaitGroupClientOptions,
} from '@konductor/client';
import type { WaitGroup } from '@konductor/schema';
import { onTestFinished } from 'vitest';
import type { ControlPlaneAccess } from '../../control-plane/index.ts';
import { type AdministratorAccess, applyObject } from './administrator.ts';
import { createNamespace } from './namespaces.ts';
import { areGranted, type PolicyRule } from './permissions.ts';
import { serviceAccountKubeconfig } from './tokens.ts';

interface OpenClientOptions extends WaitGroupClientOptions, KubeTransportOptions {
  readonly kubeconfig: string;
}

/** Closed when the test is over. */
export async function openClient({ kubeconfig, userAgent, onRequest, ...options }: OpenClientOptions) {
  const connection = await connect({ kubeconfig, env: {} });
  const transport = new KubeTransport(connection, { ...(userAgent && { userAgent }), ...(onRequest && { onRequest }) });
  onTestFinished(() => transport.close());
  return new WaitGroupClient(transport, options);
}

/** The administrator's client in a new namespace. */
export async function newClient({ kubeconfig }: AdministratorAccess, options: Partial<OpenClientOptions> = {}) {
  const namespace = await createNamespace({ kubeconfig }, 'client');
  return { namespace, client: await openClient({ kubeconfig, namespace, ...options }) };
}

/** With a group `batch`. */
export async function newGroup(access: AdministratorAccess, spec: WaitGroup['spec'] = {}) {
  const started = await newClient(access);
  await started.client.create({ name: 'batch', spec });
  return started;
}

/** What koncli's add, done and wait need on one group. */
export const workerRules = (name: string): PolicyRule[] => [
  { apiGroups: ['konductor.io'], resources: ['waitgroups'], resourceNames: [name], verbs: ['get', 'list', 'watch'] },
  { apiGroups: ['konductor.io'], resources: ['waitgroups/status'], resourceNames: [name], verbs: ['update'] },
];

/** A kubeconfig with the token of a new account that has only these permissions. */
export async function restrictedKubeconfig(
  access: ControlPlaneAccess,
  { namespace, rules, name = 'worker' }: { namespace: string; rules: readonly PolicyRule[]; name?: string },
): Promise<string> {
  const kubeconfig = await serviceAccountKubeconfig(access, { namespace, serviceAccount: name });
  await grantRules(access, { namespace, rules, name });
  return kubeconfig;
}

/** Grants these permissions to the account, by a Role and a RoleBinding of its name; they are in effect when it resolves. */
export async function grantRules(
  access: AdministratorAccess,
  { namespace, rules, name }: { namespace: string; rules: readonly PolicyRule[]; name: string },
): Promise<void> {
  const role = { apiVersion: 'rbac.authorization.k8s.io/v1', resource: 'roles', namespace, name };
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name };
  const subjects = [{ kind: 'ServiceAccount', name, namespace }];
  await applyObject(access, role, { kind: 'Role', rules });
  await applyObject(access, { ...role, resource: 'rolebindings' }, { kind: 'RoleBinding', roleRef, subjects });
  await areGranted(access, { user: `system:serviceaccount:${namespace}:${name}`, namespace, rules });
}
