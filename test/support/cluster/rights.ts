// Rights that were granted, as the API server knows them: a moment after their roles and bindings were written.

import { eventually } from '../waiting/eventually.ts';
import { type AdministratorAccess, administratorRequest } from './administrator.ts';

/** A rule of RBAC, as in a Role. */
export interface PolicyRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

/** Of a user, in one namespace or in all. */
export interface Grant {
  readonly user: string;
  readonly namespace?: string;
  readonly rules: readonly PolicyRule[];
}

/** Resolves when what each rule names first is allowed. */
export async function areGranted(access: AdministratorAccess, { user, namespace, rules }: Grant): Promise<void> {
  const reviews = rules.map(({ apiGroups: [group], resources: [path = ''], resourceNames, verbs: [verb] }) => {
    const [resource, subresource] = path.split('/');
    return { user, resourceAttributes: { namespace, verb, group, resource, subresource, name: resourceNames?.[0] } };
  });
  const areAllowed = async () => (await Promise.all(reviews.map((spec) => isAllowed(access, spec)))).every(Boolean);
  await eventually(`the permissions of ${user}`, areAllowed);
}

async function isAllowed(access: AdministratorAccess, spec: object): Promise<boolean> {
  const apiVersion = 'authorization.k8s.io/v1';
  const path = `/apis/${apiVersion}/subjectaccessreviews`;
  const body = { apiVersion, kind: 'SubjectAccessReview', spec };
  const { status } = await administratorRequest<{ status: { allowed: boolean } }>(access, {
    method: 'POST',
    path,
    body,
  });
  return status.allowed;
}
