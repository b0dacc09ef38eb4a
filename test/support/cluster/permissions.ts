// Waits for granted permissions: the API server knows them a moment after their roles and bindings were written.
import { eventually } from '../waiting/eventually.ts';
import { type AdministratorAccess, administratorRequest } from './administrator.ts';

/** A rule of RBAC, as in a Role. */
export interface PolicyRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

/** Resolves when the user is allowed what each rule names first, in one namespace or in all. */
export async function areGranted(
  access: AdministratorAccess,
  { user, namespace, rules }: { user: string; namespace?: string; rules: readonly PolicyRule[] },
): Promise<void> {
  const reviews = rules.map(({ apiGroups: [group], resources: [path = ''], resourceNames, verbs: [verb] }) => {
    const [resource, subresource] = path.split('/');
    return { user, resourceAttributes: { namespace, verb, group, resource, subresource, name: resourceNames?.[0] } };
  });
  const areAllowed = async () => (await Promise.all(reviews.map((spec) => isAllowed(access, spec)))).every(Boolean);
  await eventually(`the permissions of ${user}`, areAllowed);
}

async function isAllowed(access: AdministratorAccess, spec: object): Promise<boolean> {
  const apiVersion = 'authorization.k8s.io/v1';
  const body = { apiVersion, kind: 'SubjectAccessReview', spec };
  const request = { method: 'POST', path: `/apis/${apiVersion}/subjectaccessreviews`, body } as const;
  return (await administratorRequest<{ status: { allowed: boolean } }>(access, request)).status.allowed;
}
