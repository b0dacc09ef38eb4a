import { beforeEach, describe, expect, inject, it } from 'vitest';
import { parse } from 'yaml';
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
const onBatch = (resource: string, ...verbs: string[]) => ({ ...on(resource, ...verbs), resourceNames: ['batch'] });
let namespace: string;

beforeEach(async () => {
  namespace = await createNamespace(controlPlane, 'rbac');
  await koncli(['wg', 'create', 'batch', '-n', namespace, '--label', 'app=x'], controlPlane);
});

describe('koncli without a permission', () => {
  it.each<[string, PolicyRule[]]>([
    ['add batch', [onBatch('waitgroups', 'get'), onBatch('waitgroups/status', 'update')]],
    ['wait batch', [onBatch('waitgroups', 'list', 'watch')]],
    ['wait -l app=x', [on('waitgroups', 'list')]],
    ['list', [on('waitgroups', 'list')]],
    ['create other', [on('waitgroups', 'create')]],
    ['delete batch', [onBatch('waitgroups', 'get'), onBatch('waitgroups', 'delete')]],
    ['list -A', [on('waitgroups', 'list')]],
  ])('exits with 4 and prints commands that grant exactly what it needs: %s', async (line, expected) => {
    const kubeconfig = await serviceAccountKubeconfig(controlPlane, { namespace, serviceAccount: 'worker' });
    expect(await pasteUntilAllowed(line, kubeconfig)).toEqual(expected);
  });

  it('names all verbs that list --watch needs at once', async () => {
    const kubeconfig = await serviceAccountKubeconfig(controlPlane, { namespace, serviceAccount: 'worker' });
    const { code, stderr } = await koncli(['wg', 'list', '--watch', '--timeout', '30s'], { kubeconfig });
    expect(code).toBe(4);
    expect(parse(adviceOf(stderr).rule)).toEqual(on('waitgroups', 'list', 'watch'));
  });

  it('quotes the name of the user for the shell', async () => {
    const kubeconfig = await changedKubeconfig(controlPlane, ({ contexts, users }) => {
      for (const { context } of contexts) context.namespace = namespace;
      for (const one of users) Object.assign(one.user as object, { as: "o'neil; exit 9 #" });
    });
    expect(await pasteUntilAllowed('get batch', kubeconfig)).toEqual([onBatch('waitgroups', 'get')]);
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

/** Does what koncli advises until it is let do its work; returns the rules that were missing. */
async function pasteUntilAllowed(line: string, kubeconfig: string): Promise<PolicyRule[]> {
  const granted: PolicyRule[] = [];
  let last = '';
  // Permissions take effect a moment after the Role is written.
  const run = () =>
    eventually('the last rule taking effect', async () => {
      const result = await koncli(['wg', ...line.split(' ')], { kubeconfig });
      return (result.code === 0 || result.stderr !== last) && result;
    });
  for (let result = await run(); result.code !== 0; result = await run()) {
    expect(result).toMatchObject({ code: 4, stdout: '' });
    last = result.stderr;
    const { rule, command } = adviceOf(last);
    granted.push(parse(rule));
    expect(granted.length).toBeLessThan(5);
    await paste(controlPlane, command);
  }
  return granted;
}

/** As printed, in one line with what was forbidden to whom. */
function adviceOf(stderr: string) {
  const line =
    /^koncli: .*cannot \w+ resource "waitgroups.*: the missing RBAC rule is (\{.*\}); grant it with (kubectl .*)\n$/;
  const [, rule = '', command = ''] = line.exec(stderr) ?? [];
  return { rule, command };
}
