// Grants permissions in the cluster or in one namespace; and the operator's permissions to release what is held.
import type { ApiObject } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { holdRules } from './rules.ts';

interface Grant {
  readonly metadata: k8s.ObjectMeta;
  readonly rules: readonly k8s.PolicyRule[];
  readonly subjects: readonly k8s.Subject[];
  /** The only namespace with the permissions; undefined is that of the chart. */
  readonly limitedTo: { readonly namespace: string | undefined } | false;
}

/** A ClusterRole and its binding, or a Role and its binding if the permissions are limited to a namespace. */
export function grant(scope: Construct, { metadata: common, rules, subjects, limitedTo }: Grant): void {
  const metadata = { ...common, ...limitedTo };
  const Role = limitedTo ? k8s.KubeRole : k8s.KubeClusterRole;
  const Binding = limitedTo ? k8s.KubeRoleBinding : k8s.KubeClusterRoleBinding;
  const role = new Role(scope, 'Role', { metadata, rules: [...rules] });
  new Binding(scope, 'Binding', { metadata, roleRef: referTo(role), subjects: [...subjects] });
}

export function referTo({ apiGroup, kind, name }: ApiObject): k8s.RoleRef {
  return { apiGroup, kind, name };
}

interface HoldRolesProps extends Pick<Grant, 'limitedTo'> {
  readonly subject: k8s.Subject;
  readonly labels: Readonly<Record<string, string>>;
}

/** Permissions of the operator to release what is held: a ClusterRole, or a Role, and its binding. */
export class HoldRoles extends Construct {
  constructor(scope: Construct, id: string, { subject, labels, limitedTo }: HoldRolesProps) {
    super(scope, id);
    const metadata = { name: 'konductor-operator-hold', labels };
    grant(this, { metadata, rules: holdRules, subjects: [subject], limitedTo });
  }
}
