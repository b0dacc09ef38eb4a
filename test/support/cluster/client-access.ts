// Clients of a control plane: each with connections of its own, as the administrator or as an account with few rights.
import {
  connect,
  KubeTransport,
  type KubeTransportOptions,
  WaitGroupClient,
  type WaitGroupClientOptions,
} from '@konductor/client';
import { onTestFinished } from 'vitest';
import type { ControlPlaneAccess } from '../../control-plane/index.ts';
import { type KubectlAccess, kubectlOutput } from '../processes/kubectl.ts';
import { areGranted, type PolicyRule } from './rights.ts';
import { serviceAccountKubeconfig } from './tokens.ts';

export interface OpenClientOptions extends WaitGroupClientOptions, KubeTransportOptions {
  readonly kubeconfig: string;
}

/** Closed when the test is over. */
export async function openClient({ kubeconfig, userAgent, onRequest, ...options }: OpenClientOptions) {
  const connection = await connect({ kubeconfig, env: {} });
  const transport = new KubeTransport(connection, { ...(userAgent && { userAgent }), ...(onRequest && { onRequest }) });
  onTestFinished(() => transport.close());
  return new WaitGroupClient(transport, options);
}

/** What koncli's add, done and wait need on one group. */
export const workerRules = (name: string): PolicyRule[] => [
  { apiGroups: ['konductor.io'], resources: ['waitgroups'], resourceNames: [name], verbs: ['get', 'list', 'watch'] },
  { apiGroups: ['konductor.io'], resources: ['waitgroups/status'], resourceNames: [name], verbs: ['update'] },
];

/** A kubeconfig with the token of a new account that has these rights and no other. */
export async function restrictedKubeconfig(
  access: ControlPlaneAccess,
  { namespace, rules, name = 'worker' }: { namespace: string; rules: readonly PolicyRule[]; name?: string },
): Promise<string> {
  const kubeconfig = await serviceAccountKubeconfig(access, { namespace, serviceAccount: name });
  await grantRules(access, { namespace, rules, name });
  return kubeconfig;
}

/** Gives the account of this name these rights, by a Role and a RoleBinding of the same name; they hold when it resolves. */
export async function grantRules(
  access: KubectlAccess,
  { namespace, rules, name }: { namespace: string; rules: readonly PolicyRule[]; name: string },
): Promise<void> {
  const apiVersion = 'rbac.authorization.k8s.io/v1';
  const metadata = { name, namespace };
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name };
  const items = [
    { apiVersion, kind: 'Role', metadata, rules },
    { apiVersion, kind: 'RoleBinding', metadata, roleRef, subjects: [{ kind: 'ServiceAccount', name, namespace }] },
  ];
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
  await kubectlOutput(access, ['apply', '-f', '-'], { input });
  await areGranted(access, { user: `system:serviceaccount:${namespace}:${name}`, namespace, rules });
}
