// The compiled operator as it is installed: by the token of its ServiceAccount alone, with the permissions of install.yaml.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { parseAllDocuments } from 'yaml';
import type { ControlPlaneAccess } from '../../control-plane/index.ts';
import { kubectlOutput } from '../processes/kubectl.ts';
import { type OperatorProcess, startOperator } from '../processes/operator.ts';
import { eventually } from '../waiting/eventually.ts';
import { type AuditEvent, auditEvents } from './audit.ts';
import { areGranted, type PolicyRule } from './permissions.ts';
import { serviceAccountKubeconfig } from './tokens.ts';

const MANIFEST = join(import.meta.dirname, '../../../cdk8s/manifests/install.yaml');
const ACCESS_KINDS = ['Namespace', 'ServiceAccount', 'ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding'];

interface AccessObject {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly rules?: readonly PolicyRule[];
}

/** As the API server's audit log names it. */
export const OPERATOR = 'system:serviceaccount:konductor-system:konductor-operator';

/** By the folder of the control plane; files that run in one process install it there once. */
const installations = new Map<string, Promise<void>>();

/** Installs the operator's RBAC, and returns its kubeconfig when it has the permissions. */
export async function installOperator(access: ControlPlaneAccess): Promise<string> {
  const installation = installations.get(access.directory) ?? installPermissions(access);
  installations.set(access.directory, installation);
  await installation;
  return serviceAccountKubeconfig(access, { namespace: 'konductor-system', serviceAccount: 'konductor-operator' });
}

async function installPermissions(access: ControlPlaneAccess): Promise<void> {
  const objects = parseAllDocuments(readFileSync(MANIFEST, 'utf8'))
    .map((document): AccessObject => document.toJS())
    .filter(({ kind }) => ACCESS_KINDS.includes(kind));
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
  const apply = ['apply', '--server-side', '--force-conflicts', '-f', '-'];
  // Other test files may apply the same objects just now.
  await eventually('the installation', () => kubectlOutput(access, apply, { input }));
  for (const { kind, metadata, rules = [] } of objects) {
    if (kind === 'Role' || (kind === 'ClusterRole' && metadata.name === 'konductor-operator'))
      await areGranted(access, { user: OPERATOR, rules, ...metadata });
  }
}

/** Looks after one namespace only, so that tests do not meet in it. Stopped with the test, if not before. */
export async function startOperatorIn(
  namespace: string,
  kubeconfig: string,
  ...flags: string[]
): Promise<OperatorProcess> {
  const args = [`--watch-namespace=${namespace}`, '--log-level=debug', ...flags];
  return stopWithTest(await startOperator({ kubeconfig, args }));
}

/** Whatever the test comes to. */
export function stopWithTest(operator: OperatorProcess): OperatorProcess {
  onTestFinished(async () => {
    await operator.stop();
  });
  return operator;
}

/** What the operator asked the API server for in a namespace, in the order of the requests. */
export async function operatorRequests(access: ControlPlaneAccess, namespace: string): Promise<AuditEvent[]> {
  const events = await auditEvents(access, { username: OPERATOR, namespace });
  const isFirstStage = ({ stage, verb }: AuditEvent) => verb !== 'watch' || stage === 'ResponseStarted';
  return events
    .filter(isFirstStage)
    .toSorted((a, b) => a.requestReceivedTimestamp.localeCompare(b.requestReceivedTimestamp));
}
