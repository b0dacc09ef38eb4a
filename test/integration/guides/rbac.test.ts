// The roles that docs/guides/rbac.md prints, applied as they are: they suffice, and none of them is superfluous.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { applyObject } from '../../support/cluster/administrator.ts';
import { installOperator } from '../../support/cluster/installed-operator.ts';
import { serviceAccountKubeconfig } from '../../support/cluster/tokens.ts';
import { createGuideNamespace } from '../../support/guides/guide-namespace.ts';
import { koncli } from '../../support/processes/koncli-process.ts';
import { kubectlOutput } from '../../support/processes/kubectl.ts';
import { startOperator } from '../../support/processes/operator.ts';

const GUIDE = join(import.meta.dirname, '../../../docs/guides/rbac.md');
const access = inject('controlPlane');
const DENIED = 4;
const FAILED = 6;

describe('the guide’s account', () => {
  let namespace: string;
  let stop: () => Promise<unknown>;

  beforeAll(async () => {
    namespace = await createGuideNamespace(access, 'rbac-guide');
    for (const [, yaml] of readFileSync(GUIDE, 'utf8').matchAll(/```yaml\n(.*?)```/gs))
      await kubectlOutput(access, ['apply', '--validate=strict', '-n', namespace, '-f', '-'], { input: yaml ?? '' });
    for (const name of ['nightly', 'other']) await koncli(['wg', 'create', name, '-n', namespace], access);
    const operator = await startOperator({
      kubeconfig: await installOperator(access),
      args: [`--watch-namespace=${namespace}`],
    });
    stop = () => operator.stop();
    const spec = { serviceAccountName: 'nightly-worker', containers: [{ name: 'main', image: 'none' }] };
    await applyObject(
      access,
      { apiVersion: 'v1', resource: 'pods', namespace, name: 'nightly-1' },
      { kind: 'Pod', spec },
    );
  });
  afterAll(() => stop());

  it.each([
    ['coordinator', 0, 'add nightly --delta 2'],
    ['coordinator', 0, 'fail nightly --message full'],
    ['coordinator', FAILED, 'wait nightly'],
    ['worker', FAILED, 'wait nightly'],
    ['waiter', FAILED, 'wait nightly'],
    ['coordinator', 0, 'done nightly'],
    ['worker', 0, 'run nightly -- true'],
    ['worker', 0, 'add nightly --worker auto'],
    ['worker', 0, 'fail nightly --worker auto --message full'],
    ['coordinator', 0, 'add nightly'],
    ['worker', 0, 'run nightly --no-add -- true'],
    ['coordinator', 0, 'add nightly --delta 0'],
    ['worker', 0, 'wait nightly'],
    ['worker', DENIED, 'add nightly'],
    ['worker', DENIED, 'run other -- true'],
    ['worker', DENIED, 'done nightly --worker nightly-2'],
    ['worker', DENIED, 'delete nightly'],
    ['coordinator', DENIED, 'add other'],
    ['coordinator', DENIED, 'done nightly --worker nightly-1'],
    ['coordinator', DENIED, 'release nightly --worker nightly-1'],
    ['coordinator', DENIED, 'delete nightly'],
    ['waiter', 0, 'wait nightly'],
    ['waiter', 0, 'get nightly'],
    ['waiter', 0, 'status nightly'],
    ['waiter', DENIED, 'add nightly'],
    ['waiter', DENIED, 'fail nightly --message full'],
    ['waiter', DENIED, 'get other'],
  ])('nightly-%s gets exit code %i: koncli waitgroup %s', async (part, code, command) => {
    const account = { namespace, serviceAccount: `nightly-${part}` };
    const boundPod = { ...(part === 'worker' && { boundPod: 'nightly-1' }) };
    const kubeconfig = await serviceAccountKubeconfig(access, { ...account, ...boundPod });
    expect(await koncli(['wg', ...command.split(' ')], { kubeconfig, env: { PATH: '/usr/bin:/bin' } })).toMatchObject({
      code,
    });
  });
});
