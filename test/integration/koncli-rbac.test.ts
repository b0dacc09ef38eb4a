import { beforeEach, describe, expect, inject, it } from 'vitest';
import { parse } from 'yaml';
import { eventually } from '../support/eventually.ts';
import { koncli } from '../support/koncli-process.ts';
import { createNamespace } from '../support/namespaces.ts';
import { type PolicyRule, restrictedKubeconfig } from './client-access.ts';
import { changedKubeconfig } from './koncli-fixtures.ts';

const controlPlane = inject('controlPlane');
const apiGroups = ['konductor.io'];
const on = (resource: string, ...verbs: string[]) => ({ apiGroups, resources: [resource], verbs });
const onBatch = (resource: string, ...verbs: string[]) => ({ ...on(resource, ...verbs), resourceNames: ['batch'] });
let namespace: string;

beforeEach(async () => {
  namespace = await createNamespace(controlPlane, 'rbac');
  await koncli(['wg', 'create', 'batch', '-n', namespace, '--label', 'app=x'], controlPlane);
});

describe('koncli with too few rights', () => {
  it.each<[string, PolicyRule[]]>([
    ['add batch', [onBatch('waitgroups', 'get'), onBatch('waitgroups/status', 'update')]],
    ['wait batch', [onBatch('waitgroups', 'list', 'watch')]],
    ['wait -l app=x', [on('waitgroups', 'list')]],
    ['list', [on('waitgroups', 'list')]],
    ['create other', [on('waitgroups', 'create')]],
    ['delete batch', [onBatch('waitgroups', 'get'), onBatch('waitgroups', 'delete')]],
  ])('exits with 4 and prints the rules that, once granted, are all it needs: %s', async (line, expected) => {
    const granted: PolicyRule[] = [];
    const run = async () => {
      const kubeconfig = await restrictedKubeconfig(controlPlane, { namespace, rules: granted });
      // Rights are granted a moment after the Role is written.
      return eventually(
        async () => {
          const result = await koncli(['wg', ...line.split(' ')], { kubeconfig });
          return (result.code === 0 || !granted.some((rule) => same(rule, missingRule(result.stderr)))) && result;
        },
        { what: 'the last rule taking effect' },
      );
    };
    for (let result = await run(); result.code !== 0; result = await run()) {
      expect(result).toMatchObject({ code: 4, stdout: '' });
      granted.push(missingRule(result.stderr));
      expect(granted.length).toBeLessThan(5);
    }
    expect(granted).toEqual(expected);
  });

  it('exits with 4 when nobody knows who it is', async () => {
    const kubeconfig = await changedKubeconfig(controlPlane, ({ users }) => {
      for (const one of users) one.user = { token: 'nonsense' };
    });
    expect(await koncli(['wg', 'list'], { kubeconfig })).toEqual({
      code: 4,
      stdout: '',
      stderr:
        "koncli: the API server does not accept the credentials (Unauthorized): log in again, or check the kubeconfig's user\n",
    });
  });
});

/** As printed, in one line with what was forbidden to whom. */
function missingRule(stderr: string): PolicyRule {
  const line = /^koncli: .*cannot \w+ resource "waitgroups.*: the missing RBAC rule is (\{.*\})\n$/.exec(stderr);
  return parse(line?.[1] ?? 'null');
}

const same = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);
