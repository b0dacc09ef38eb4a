import { beforeEach, describe, expect, inject, it } from 'vitest';
import { parse } from 'yaml';
import { restrictedKubeconfig } from '../../support/cluster/client-access.ts';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import type { PolicyRule } from '../../support/cluster/permissions.ts';
import { serviceAccountKubeconfig } from '../../support/cluster/tokens.ts';
import { changedKubeconfig, paste } from '../../support/processes/koncli-fixtures.ts';
import { koncli } from '../../support/processes/koncli-process.ts';
import { kubectlOutput } from '../../support/processes/kubectl.ts';
import { eventually } from '../../support/waiting/eventually.ts';

const controlPlane = inject('controlPlane');
const apiGroups = ['konductor.io'];
const on = (resource: string, ...verbs: string[]) => ({ apiGroups, resources: [resource], verbs });
const onNamed = (resourceNames: string[], ...rule: Parameters<typeof on>) => ({ ...on(...rule), resourceNames });
const onBatch = (...rule: Parameters<typeof on>) => onNamed(['batch'], ...rule);
const READ = ['get', 'list', 'watch'];
let namespace: string;

beforeEach(async () => {
  namespace = await createNamespace(controlPlane, 'rbac');
  const create = (...args: string[]) => koncli(['wg', 'create', ...args, '-n', namespace], controlPlane);
  await Promise.all([
    create('batch', '--initial-count', '9'),
    create('empty', '--label', 'app=empty'),
    create('unused', '--label', 'app=unused'),
  ]);
});

describe('koncli without a permission', () => {
  it.each<[string, PolicyRule[]]>([
    ['add batch', [onBatch('waitgroups', ...READ), onBatch('waitgroups/status', 'update')]],
    [
      'add other --create',
      [
        onNamed(['other'], 'waitgroups', ...READ),
        onNamed(['other'], 'waitgroups/status', 'update'),
        on('waitgroups', 'create'),
      ],
    ],
    ['done batch', [onBatch('waitgroups', ...READ), onBatch('waitgroups/status', 'update')]],
    [
      'set batch --counter 5 --reason x',
      [
        onBatch('waitgroups', ...READ),
        onBatch('waitgroups/status', 'update'),
        { apiGroups: [''], resources: ['events'], verbs: ['create'] },
      ],
    ],
    ['run batch -- true', [onBatch('waitgroups', ...READ), onBatch('waitgroups/status', 'update')]],
    ['run batch --no-add -- true', [onBatch('waitgroups', ...READ), onBatch('waitgroups/status', 'update')]],
    ['wait empty', [onNamed(['empty'], 'waitgroups', ...READ)]],
    ['wait empty waitgroup/unused', [onNamed(['empty', 'unused'], 'waitgroups', ...READ)]],
    ['wait -l app=empty', [on('waitgroups', ...READ)]],
    ['get batch', [onBatch('waitgroups', 'get')]],
    ['get batch empty', [onNamed(['batch', 'empty'], 'waitgroups', 'get')]],
    ['list', [on('waitgroups', 'list')]],
    ['list -A', [on('waitgroups', 'list')]],
    [
      'status batch',
      [
        onBatch('waitgroups', ...READ),
        on('waitgroupworkers', 'list'),
        { apiGroups: [''], resources: ['events'], verbs: ['list'] },
      ],
    ],
    ['create other', [on('waitgroups', 'create')]],
    ['delete batch', [onBatch('waitgroups', 'get', 'delete')]],
  ])('exits with 4 and prints one command that grants all that it needs: %s', async (line, expected) => {
    const kubeconfig = await serviceAccountKubeconfig(controlPlane, { namespace, serviceAccount: 'worker' });
    expect(await pasteOnce(line, kubeconfig)).toEqual(expected);
  });

  it('names all verbs that --watch needs', async () => {
    const kubeconfig = await serviceAccountKubeconfig(controlPlane, { namespace, serviceAccount: 'worker' });
    const rulesOf = async (...args: string[]) =>
      adviceOf((await koncli(['wg', ...args, '--watch'], { kubeconfig })).stderr).rules;
    expect(await rulesOf('list')).toEqual([on('waitgroups', 'list', 'watch')]);
    expect(await rulesOf('get', 'batch')).toEqual([onBatch('waitgroups', ...READ)]);
  });

  it('quotes the name of the user for the shell', async () => {
    const kubeconfig = await changedKubeconfig(controlPlane, ({ contexts, users }) => {
      for (const { context } of contexts) context.namespace = namespace;
      for (const one of users) Object.assign(one.user as object, { as: "o'neil; exit 9 #" });
    });
    expect(await pasteOnce('get batch', kubeconfig)).toEqual([onBatch('waitgroups', 'get')]);
  });

  it('reports the missing permission of a done that the counter rejects, too', async () => {
    const rules = [onNamed(['empty'], 'waitgroups', ...READ)];
    const kubeconfig = await restrictedKubeconfig(controlPlane, { namespace, rules });
    expect(await koncli(['wg', 'done', 'empty'], { kubeconfig })).toMatchObject({
      code: 4,
      stderr: expect.stringMatching(/cannot update resource "waitgroups\/status".*: grant all that done needs with /),
    });
  });

  it('names no rule when a quota rejects the request', async () => {
    const none = { 'count/waitgroups.konductor.io': '0' };
    const quota = {
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: 'none', namespace },
      spec: { hard: none },
    };
    await kubectlOutput(controlPlane, ['create', '-f', '-'], { input: JSON.stringify(quota) });
    // What the quota controller would write.
    const status = JSON.stringify({ status: { hard: none, used: none } });
    await kubectlOutput(controlPlane, [
      'patch',
      'quota',
      'none',
      '-n',
      namespace,
      '--subresource=status',
      '-p',
      status,
    ]);
    let attempts = 0;
    const refused = await eventually('the quota’s effect', async () => {
      const result = await koncli(['wg', 'create', `other-${attempts++}`, '-n', namespace], controlPlane);
      // While the API server reads it for the first time, it reports that its status is unknown.
      return result.stderr.includes('exceeded quota') && result;
    });
    expect(refused).toEqual({ code: 4, stdout: '', stderr: expect.stringMatching(/ exceeded quota: none, .*=0\n$/) });
  });

  it('exits with 4 when the credentials are rejected', async () => {
    const kubeconfig = await changedKubeconfig(controlPlane, ({ users }) => {
      for (const one of users) one.user = { token: 'nonsense' };
    });
    expect(await koncli(['wg', 'list'], { kubeconfig })).toEqual({
      code: 4,
      stdout: '',
      stderr:
        'koncli: the API server rejected the credentials (Unauthorized): log in again, or check the user in the kubeconfig\n',
    });
  });
});

/** Runs koncli, then what it advises, then koncli again; returns the rules that were granted. */
async function pasteOnce(line: string, kubeconfig: string): Promise<PolicyRule[]> {
  const run = () => koncli(['wg', ...line.split(' ')], { kubeconfig });
  const denied = await run();
  expect(denied.code).toBe(4);
  const { rules, command } = adviceOf(denied.stderr);
  await paste(controlPlane, command);
  // Permissions take effect a moment after the Role is written.
  const allowed = await eventually('the role taking effect', async () => {
    const result = await run();
    return result.code !== 4 && result;
  });
  expect(allowed).toMatchObject({ code: 0, stderr: expect.not.stringMatching(/forbidden|grant/) });
  return rules;
}

/** As printed, in one line with what was forbidden to whom. */
function adviceOf(stderr: string): { readonly rules: PolicyRule[]; readonly command: string } {
  const line =
    /^koncli: .*cannot \w+ resource "waitgroups.*: grant all that \w+ needs with (echo '(.*)' \| kubectl .*)$/m;
  const [, command = '', role = ''] = line.exec(stderr) ?? [];
  return { rules: parse(role)?.rules, command };
}
