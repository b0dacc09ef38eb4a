import { KonductorOperator } from '@konductor/cdk8s';
import { describe, expect, it } from 'vitest';
import { pick, synth } from '../synth.ts';

const manifests = synth((scope) => new KonductorOperator(scope, 'Operator'));
const AGGREGATE = 'rbac.authorization.k8s.io/aggregate-to-';

/** `group/resource: verbs`, sorted, because the order of rules and verbs is irrelevant. */
function permissionsOf(role: string): string[] {
  const { rules } = pick(manifests, 'ClusterRole', role);
  return rules
    .flatMap(({ apiGroups, resources, verbs }: Record<string, string[]>) =>
      resources?.map((resource) => `${apiGroups}/${resource}: ${verbs?.toSorted()}`),
    )
    .sort();
}

function aggregatesTo(role: string): string[] {
  const labels: string[] = Object.keys(pick(manifests, 'ClusterRole', role).metadata.labels);
  return labels.filter((label) => label.startsWith(AGGREGATE)).map((label) => label.slice(AGGREGATE.length));
}

describe('ClusterRoles', () => {
  it.each([
    [
      'konductor-operator',
      [
        '/events: create',
        '/events: list',
        '/namespaces: get',
        '/pods: get,list,watch',
        'batch/jobs: get,list,watch',
        'konductor.io/waitgroups/manage: update',
        'konductor.io/waitgroups/status: update',
        'konductor.io/waitgroups: delete,get,list,watch',
        'konductor.io/waitgroupworkers: create,delete,get,list,patch,watch',
      ],
    ],
    [
      'konductor-view',
      ['waitgroups', 'waitgroupworkers'].map((resource) => `konductor.io/${resource}: get,list,watch`),
    ],
    [
      'konductor-edit',
      [
        'konductor.io/waitgroups/manage: update',
        'konductor.io/waitgroups/report: create',
        'konductor.io/waitgroups/status: update',
        'konductor.io/waitgroups: create,delete,deletecollection,get,list,patch,update,watch',
        'konductor.io/waitgroupworkers: create,delete,deletecollection,get,list,patch,update,watch',
      ],
    ],
  ])('grants %s exactly its permissions', (role, permissions) => {
    expect(permissionsOf(role)).toEqual(permissions);
  });

  it.each([
    ['konductor-operator', []],
    ['konductor-view', ['view']],
    ['konductor-edit', ['admin', 'edit']],
  ])('aggregates %s into the ClusterRoles %j', (role, roles) => {
    expect(aggregatesTo(role).sort()).toEqual(roles);
  });

  it('allows the operator to use one Lease in its own namespace, and to emit Events about it', () => {
    const { metadata, rules } = pick(manifests, 'Role');
    expect(metadata.namespace).toBe(pick(manifests, 'ServiceAccount').metadata.namespace);
    const leases = { apiGroups: ['coordination.k8s.io'], resources: ['leases'] };
    expect(rules).toEqual([
      { ...leases, verbs: ['create'] },
      { ...leases, resourceNames: ['konductor-operator'], verbs: ['get', 'update'] },
      { apiGroups: [''], resources: ['events'], verbs: ['create'] },
    ]);
  });

  it('binds those of the operator to its service account only', () => {
    const { name, namespace } = pick(manifests, 'ServiceAccount').metadata;
    const subjects = [{ kind: 'ServiceAccount', name, namespace }];
    expect(pick(manifests, 'ClusterRoleBinding')).toMatchObject({
      roleRef: { kind: 'ClusterRole', name: 'konductor-operator' },
      subjects,
    });
    expect(pick(manifests, 'RoleBinding')).toMatchObject({
      roleRef: { kind: 'Role', name: pick(manifests, 'Role').metadata.name },
      subjects,
    });
  });
});
