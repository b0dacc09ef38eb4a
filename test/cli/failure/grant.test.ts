import { describe, expect, it } from 'vitest';
import { deniedUser, grantCommand } from '../../../cli/src/failure/grant.ts';
import type { MissingRule } from '../../../cli/src/failure/missing-rule.ts';

const rule = (given: Partial<MissingRule> = {}): MissingRule => ({
  namespace: 'jobs',
  apiGroup: 'konductor.io',
  resource: 'waitgroups',
  resourceName: 'batch',
  verbs: ['list', 'watch'],
  ...given,
});

describe('grantCommand', () => {
  it('creates a Role for one WaitGroup and binds it to the ServiceAccount', () => {
    const role = 'koncli-jobs-worker-list-watch-waitgroups-batch';
    expect(grantCommand(rule(), 'system:serviceaccount:jobs:worker')).toBe(
      `kubectl create role ${role} -n jobs --verb=list,watch --resource=waitgroups.konductor.io --resource-name=batch` +
        ` && kubectl create rolebinding ${role} -n jobs --role=${role} --serviceaccount=jobs:worker`,
    );
  });

  it('creates a ClusterRole for all namespaces', () => {
    const role = 'koncli-alice-example-com-list-waitgroups';
    const given = rule({ namespace: undefined, resourceName: undefined, verbs: ['list'] });
    expect(grantCommand(given, 'alice@example.com')).toBe(
      `kubectl create clusterrole ${role} --verb=list --resource=waitgroups.konductor.io` +
        ` && kubectl create clusterrolebinding ${role} --clusterrole=${role} --user=alice@example.com`,
    );
  });

  it.each([
    [rule({ resource: 'waitgroups/status' }), '--resource=waitgroups.konductor.io/status '],
    [rule({ apiGroup: '', resource: 'events' }), '--resource=events '],
  ])('writes the resource as kubectl does', (given, resource) => {
    expect(grantCommand(given, 'alice')).toContain(resource);
  });

  it('quotes names for the shell', () => {
    expect(grantCommand(rule(), "o'neil $(id)")).toContain(` --user='o'\\''neil $(id)'`);
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
