import { describe, expect, inject, it } from 'vitest';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import { serviceAccountKubeconfig } from '../../support/cluster/tokens.ts';
import { changedKubeconfig, listen } from '../../support/processes/koncli-fixtures.ts';
import { koncli, startKoncli } from '../../support/processes/koncli-process.ts';

const controlPlane = inject('controlPlane');

it('koncli impersonates the user and the groups of the kubeconfig, in requests and watches', async () => {
  const namespace = await createNamespace(controlPlane, 'as');
  const startAs = async (groups: readonly string[], ...args: string[]) => {
    const kubeconfig = await changedKubeconfig(controlPlane, ({ users }) => {
      for (const { user } of users) Object.assign(user as object, { as: 'ada', 'as-groups': groups });
    });
    return startKoncli(['wg', ...args, '-n', namespace], { kubeconfig });
  };
  const runAs = async (groups: readonly string[], ...args: string[]) => (await startAs(groups, ...args)).result;
  expect(await runAs(['one', 'two'], 'create', 'batch')).toMatchObject({
    code: 4,
    stderr: expect.stringContaining('User "ada" cannot create'),
  });
  expect(await runAs(['one', 'system:masters'], 'create', 'batch')).toMatchObject({ code: 0 });
  expect(await runAs(['system:masters', 'two'], 'add', 'batch')).toMatchObject({ code: 0 });
  // Watches use another channel.
  const wait = await startAs(['one', 'system:masters'], 'wait', 'batch', '-v', '--timeout', '30s');
  await listen(wait)('watch=true');
  expect(await runAs(['system:masters'], 'done', 'batch')).toMatchObject({ code: 0 });
  expect(await wait.result).toMatchObject({ code: 0 });
});

describe('koncli --as', () => {
  it('sends requests and watches as another user, whose name may contain any character', async () => {
    const namespace = await createNamespace(controlPlane, 'as');
    const flags = ['--as', 'größe', '--as-uid=7', '--as-group', 'one', '--as-group=system:masters', '-n', namespace];
    const start = (...args: string[]) => startKoncli(['wg', ...args, ...flags], controlPlane);
    expect(await start('create', 'batch', '--initial-count', '1').result).toMatchObject({ code: 0 });
    const wait = start('wait', 'batch', '-v', '--timeout', '30s');
    await listen(wait)('watch=true');
    expect(await start('done', 'batch').result).toMatchObject({ code: 0 });
    expect(await wait.result).toMatchObject({ code: 0 });
    const denied = await koncli(['wg', 'get', 'batch', '--as', 'größe', '-n', namespace], controlPlane);
    expect(denied).toMatchObject({ code: 4, stderr: expect.stringContaining('User "größe" cannot get') });
  });

  it('rejects groups without a user, with the words of kubectl', async () => {
    const { code, stderr } = await koncli(['wg', 'list', '--as-group', 'one'], controlPlane);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: 'koncli: requesting uid, groups or user-extra without impersonating a user: name the user with --as\n',
    });
  });

  it('reports that the caller is not allowed to impersonate, and no rule that would not help', async () => {
    const namespace = await createNamespace(controlPlane, 'as');
    const kubeconfig = await serviceAccountKubeconfig(controlPlane, { namespace, serviceAccount: 'one' });
    for (const user of ['ada', `system:serviceaccount:${namespace}:other`]) {
      const { code, stderr } = await koncli(['wg', 'list', '--as', user], { kubeconfig });
      expect(code).toBe(4);
      expect(stderr).toMatch(
        /cannot impersonate.*need the RBAC verb impersonate on that user, group or service account\n$/,
      );
    }
  });
});
