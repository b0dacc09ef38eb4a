// The roles that docs/guides/rbac.md prints, applied as they are: they suffice, and none of them is superfluous.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import { serviceAccountKubeconfig } from '../../support/cluster/tokens.ts';
import { koncli } from '../../support/processes/koncli-process.ts';
import { kubectlOutput } from '../../support/processes/kubectl.ts';

const GUIDE = join(import.meta.dirname, '../../../docs/guides/rbac.md');
const access = inject('controlPlane');
const DENIED = 4;
const FAILED = 6;

describe('the guide’s account', () => {
  let namespace: string;

  beforeAll(async () => {
    namespace = await createNamespace(access, 'rbac-guide');
    for (const [, yaml] of readFileSync(GUIDE, 'utf8').matchAll(/```yaml\n(.*?)```/gs))
      await kubectlOutput(access, ['apply', '--validate=strict', '-n', namespace, '-f', '-'], { input: yaml ?? '' });
    for (const name of ['nightly', 'other']) await koncli(['wg', 'create', name, '-n', namespace], access);
  });

  it.each([
    ['worker', 0, 'add nightly --delta 2'],
    ['worker', 0, 'fail nightly --message full'],
    ['worker', FAILED, 'wait nightly'],
    ['waiter', FAILED, 'wait nightly'],
    ['worker', 0, 'done nightly'],
    ['worker', 0, 'add nightly --delta 2'],
    ['worker', 0, 'run nightly --no-add -- true'],
    ['worker', 0, 'done nightly'],
    ['worker', 0, 'wait nightly'],
    ['worker', DENIED, 'add other'],
    ['worker', DENIED, 'delete nightly'],
    ['waiter', 0, 'wait nightly'],
    ['waiter', 0, 'get nightly'],
    ['waiter', 0, 'status nightly'],
    ['waiter', DENIED, 'add nightly'],
    ['waiter', DENIED, 'fail nightly --message full'],
    ['waiter', DENIED, 'get other'],
  ])('nightly-%s gets exit code %i: koncli waitgroup %s', async (part, code, command) => {
    const account = { namespace, serviceAccount: `nightly-${part}` };
    const kubeconfig = await serviceAccountKubeconfig(access, account);
    expect(await koncli(['wg', ...command.split(' ')], { kubeconfig, env: { PATH: '/usr/bin:/bin' } })).toMatchObject({
      code,
    });
  });
});
