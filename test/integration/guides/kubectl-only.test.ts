// The commands of docs/guides/kubectl-only.md, run one after the other by sh, while another user counts with koncli.
import { execFile } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, inject, it, onTestFinished } from 'vitest';
import { installOperator, startOperatorIn } from '../../support/cluster/installed-operator.ts';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import { koncli } from '../../support/processes/koncli-process.ts';
import { kubectlOutput } from '../../support/processes/kubectl.ts';
import { eventually } from '../../support/waiting/eventually.ts';

const GUIDE = join(import.meta.dirname, '../../../docs/guides/kubectl-only.md');
const access = inject('controlPlane');

it('the guide for kubectl works from its first command to its last', async () => {
  const namespace = await createNamespace(access, 'kubectl-guide');
  await startOperatorIn(namespace, await installOperator(access));
  const folder = mkdtempSync(join(tmpdir(), 'konductor-guide-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const kubeconfig = join(folder, 'kubeconfig');
  copyFileSync(access.kubeconfig, kubeconfig);
  await kubectlOutput(access, ['config', 'set-context', '--current', `--namespace=${namespace}`], { kubeconfig });

  const script = [...readFileSync(GUIDE, 'utf8').matchAll(/```sh\n(.*?)```/gs)].map(([, block]) => block).join('');
  const env = { KUBECONFIG: kubeconfig, PATH: `${dirname(access.kubectl)}:/usr/bin:/bin`, HOME: folder };
  const ended = promisify(execFile)('sh', ['-e', '-c', script], { env, cwd: folder });
  const done = async () => (await koncli(['wg', 'done', 'nightly', '--delta', '3'], { kubeconfig })).code === 0;
  const [{ stdout }] = await Promise.all([ended, eventually('the done', done)]);
  expect(stdout.split('\n')).toEqual(
    expect.arrayContaining([
      'waitgroup.konductor.io/nightly created',
      'waitgroup.konductor.io/nightly condition met',
      'Succeededwaitgroup.konductor.io/nightly patched',
      expect.stringMatching(/^waitgroup.konductor.io "nightly" deleted/),
    ]),
  );
});
