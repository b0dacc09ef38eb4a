import { describe, expect, it } from 'vitest';
import { deniedUser, type Grant, grantCommand } from '../../../cli/src/failure/grant.ts';
import { COUNT, EVENTS, MANAGE, READ, REPORT, rulesFor } from '../../../cli/src/failure/permissions.ts';

const grant = (given: Partial<Grant> = {}): Grant => ({
  namespace: 'jobs',
  rules: rulesFor([READ], ['batch']),
  purpose: 'wait',
  ...given,
});

describe('grantCommand', () => {
  it('applies a Role for one WaitGroup and binds it to the ServiceAccount', () => {
    const role = 'koncli-jobs-worker-wait-batch';
    const rule =
      '{apiGroups: ["konductor.io"], resources: ["waitgroups"], resourceNames: ["batch"], verbs: ["get","list","watch"]}';
    expect(grantCommand(grant(), 'system:serviceaccount:jobs:worker')).toBe(
      `echo '{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: ${role}, namespace: "jobs"}, rules: [${rule}]}'` +
        ` | kubectl apply -f - && kubectl create rolebinding ${role} -n jobs --role=${role} --serviceaccount=jobs:worker`,
    );
  });

  it('applies a ClusterRole for all namespaces', () => {
    const role = 'koncli-alice-example-com-list';
    const given = grant({ namespace: undefined, rules: rulesFor([READ], []), purpose: 'list' });
    const command = grantCommand(given, 'alice@example.com');
    expect(command).toContain(`kind: ClusterRole, metadata: {name: ${role}}, rules: [{`);
    expect(command).toMatch(
      new RegExp(`&& kubectl create clusterrolebinding ${role} --clusterrole=${role} --user=alice@example.com$`),
    );
  });

  it('quotes names for the shell', () => {
    expect(grantCommand(grant(), "o'neil $(id)")).toContain(` --user='o'\\''neil $(id)'`);
  });
});

describe('rulesFor', () => {
  it('limits to the names what RBAC can limit', () => {
    const names = ['a', 'b'];
    const [report, workers] = REPORT;
    expect(rulesFor([...COUNT, ...REPORT, MANAGE, EVENTS], names)).toEqual([
      { ...COUNT[0], resourceNames: names },
      { ...report, resourceNames: names },
      workers,
      { ...MANAGE, resourceNames: names, verbs: ['delete'] },
      { ...MANAGE, verbs: ['create'] },
      EVENTS,
    ]);
    expect(rulesFor([MANAGE], [])).toEqual([MANAGE]);
  });
});

describe('deniedUser', () => {
  it.each([
    ['waitgroups.konductor.io "x" is forbidden: User "alice" cannot get resource "waitgroups"', 'alice'],
    ['waitgroups.konductor.io "x" is forbidden: exceeded quota', undefined],
  ])('is read from %s', (message, user) => {
    expect(deniedUser(message)).toBe(user);
  });
});
