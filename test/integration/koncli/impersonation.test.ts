import { expect, inject, it } from 'vitest';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import { changedKubeconfig, listen } from '../../support/processes/koncli-fixtures.ts';
import { startKoncli } from '../../support/processes/koncli-process.ts';

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
  // A watch goes another way.
  const wait = await startAs(['one', 'system:masters'], 'wait', 'batch', '-v', '--timeout', '30s');
  await listen(wait)('watch=true');
  expect(await runAs(['system:masters'], 'done', 'batch')).toMatchObject({ code: 0 });
  expect(await wait.result).toMatchObject({ code: 0 });
});
