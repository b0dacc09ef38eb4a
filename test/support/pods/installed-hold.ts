// hold.yaml for one namespace of a control plane that tests share: what an operator is permitted to change there, and the policy that
// bounds it. The policies that hold by the label are left out, because they would hold what other tests run.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect, ForbiddenError, type KubeObject, KubeTransport, resourcePath } from '@konductor/client';
import { parseAllDocuments } from 'yaml';
import { type AdministratorAccess, applyObject } from '../cluster/administrator.ts';
import { OPERATOR } from '../cluster/installed-operator.ts';
import { areGranted, type PolicyRule } from '../cluster/permissions.ts';
import { eventually } from '../waiting/eventually.ts';
import { createHeldPod } from './held-workloads.ts';

const MANIFEST = join(import.meta.dirname, '../../../cdk8s/manifests/hold.yaml');
const RBAC = 'rbac.authorization.k8s.io';
const POLICIES: Readonly<Record<string, string>> = {
  ValidatingAdmissionPolicy: 'validatingadmissionpolicies',
  ValidatingAdmissionPolicyBinding: 'validatingadmissionpolicybindings',
};

interface ClusterObject extends KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly rules?: readonly PolicyRule[];
}

/** Resolves when the operator has the permissions in the namespace, and the policy is enforced. */
export async function installHold(access: AdministratorAccess, namespace: string, kubeconfig: string): Promise<void> {
  await permitHold(access, namespace);
  for (const object of readManifest()) {
    const resource = POLICIES[object.kind];
    if (resource) await apply(access, resource, object);
  }
  await isEnforced(access, namespace, kubeconfig);
}

/** Grants the ClusterRole of hold.yaml in a namespace; resolves when the user has its permissions. */
export async function permitHold(access: AdministratorAccess, namespace: string, user = OPERATOR): Promise<void> {
  const role = readManifest().find(({ kind }) => kind === 'ClusterRole');
  if (!role) throw new Error('hold.yaml has no ClusterRole');
  const { name } = role.metadata;
  await apply(access, 'clusterroles', role);
  const binding = {
    kind: 'RoleBinding',
    roleRef: { kind: 'ClusterRole', name, apiGroup: RBAC },
    subjects: [{ kind: 'User', name: user, apiGroup: RBAC }],
  };
  await applyObject(access, { apiVersion: `${RBAC}/v1`, resource: 'rolebindings', namespace, name }, binding);
  await areGranted(access, { user, namespace, rules: role.rules ?? [] });
}

function readManifest(): readonly ClusterObject[] {
  return parseAllDocuments(readFileSync(MANIFEST, 'utf8')).map((document): ClusterObject => document.toJS());
}

function apply(access: AdministratorAccess, resource: string, { apiVersion, metadata, ...rest }: ClusterObject) {
  return applyObject(access, { apiVersion, resource, name: metadata.name }, rest);
}

async function isEnforced(access: AdministratorAccess, namespace: string, kubeconfig: string): Promise<void> {
  const { metadata } = await createHeldPod(access, 'probe', { namespace, name: 'probe' });
  const operator = new KubeTransport(await connect({ kubeconfig, env: {} }), { userAgent: 'konductor-test' });
  const path = resourcePath({ apiVersion: 'v1', resource: 'pods', namespace, name: metadata.name });
  const request = { method: 'PATCH', path, contentType: 'application/merge-patch+json' } as const;
  const patch = { ...request, query: { dryRun: 'All' }, body: { metadata: { labels: { changed: 'true' } } } };
  const isDenied = () =>
    operator.request(patch).then(
      () => false,
      (error) => error instanceof ForbiddenError,
    );
  await eventually('the policy of hold.yaml', isDenied);
  operator.close();
}
