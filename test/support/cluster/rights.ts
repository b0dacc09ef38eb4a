// Rights that were granted, as the API server knows them: a moment after their roles and bindings were written.

import { type KubectlAccess, kubectlOutput } from '../processes/kubectl.ts';
import { eventually } from '../waiting/eventually.ts';

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
export async function areGranted(access: KubectlAccess, { user, namespace, rules }: Grant): Promise<void> {
  const items = rules.map(({ apiGroups: [group], resources: [path = ''], resourceNames, verbs: [verb] }) => {
    const [resource, subresource] = path.split('/');
    const resourceAttributes = { namespace, verb, group, resource, subresource, name: resourceNames?.[0] };
    const spec = { user, resourceAttributes };
    return { apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview', spec };
  });
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
  const review = ['create', '--validate=false', '-f', '-', '-o', 'jsonpath={.status.allowed}{" "}'];
  const expected = 'true '.repeat(rules.length);
  const areAllowed = async () => (await kubectlOutput(access, review, { input })) === expected;
  if (rules.length > 0) await eventually(areAllowed, { what: `the rights of ${user}` });
}
