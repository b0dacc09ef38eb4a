// The commands of docs/guides/kubectl-only.md, run one after the other by sh, and its JSON patch for the last one to finish.
import { execFile } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, inject, it, onTestFinished } from 'vitest';
import { installOperator, startOperatorIn } from '../../support/cluster/installed-operator.ts';
import { api, count, create } from '../../support/cluster/raw-requests.ts';
import { createGuideNamespace } from '../../support/guides/guide-namespace.ts';
import { koncli } from '../../support/processes/koncli-process.ts';
import { kubectlOutput } from '../../support/processes/kubectl.ts';

const GUIDE = join(import.meta.dirname, '../../../docs/guides/kubectl-only.md');
const access = inject('controlPlane');

const blocks = (language: string) =>
  [...readFileSync(GUIDE, 'utf8').matchAll(new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 'gs'))].map(
    ([, block]) => block,
  );

async function newNamespace() {
  const namespace = await createGuideNamespace(access, 'kubectl-guide');
  await startOperatorIn(namespace, await installOperator(access));
  return namespace;
}

it('the guide for kubectl works from its first command to its last', async () => {
  const namespace = await newNamespace();
  const folder = mkdtempSync(join(tmpdir(), 'konductor-guide-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const kubeconfig = join(folder, 'kubeconfig');
  copyFileSync(access.kubeconfig, kubeconfig);
  await kubectlOutput(access, ['config', 'set-context', '--current', `--namespace=${namespace}`], { kubeconfig });

  const env = { KUBECONFIG: kubeconfig, PATH: `${dirname(access.kubectl)}:/usr/bin:/bin`, HOME: folder };
  const { stdout } = await promisify(execFile)('sh', ['-e', '-c', blocks('sh').join('')], { env, cwd: folder });
  expect(stdout.split('\n')).toEqual(
    expect.arrayContaining([
      'waitgroup.konductor.io/nightly created',
      'waitgroup.konductor.io/nightly condition met',
      'waitgroup.konductor.io/nightly patched',
      expect.stringMatching(/^Failed: wrong inputwaitgroup.konductor.io\/nightly patched/),
      expect.stringMatching(/^waitgroup.konductor.io "nightly" deleted/),
    ]),
  );
});

it('the last one to finish completes the round by a patch, which koncli and kubectl wait for', async () => {
  const namespace = await newNamespace();
  const { metadata } = await create(namespace, { metadata: { name: 'nightly' }, spec: { initialCount: 3 } });
  const run = (...args: string[]) => kubectlOutput(access, [...args, '-n', namespace]);
  await run('wait', '--for=jsonpath={.status.counter}', 'wg/nightly', '--timeout=60s');
  await count(await api.get(namespace, metadata.name), -2);
  const patch = ['patch', 'wg', 'nightly', '--subresource=status', '--type=json', '-p', blocks('json').join('')];
  await run(...patch);
  await expect(run(...patch)).rejects.toThrow('the server rejected our request due to an error in our request');
  await run('wait', '--for=jsonpath={.status.outcome}=Succeeded', 'wg/nightly', '--timeout=60s');
  await run('wait', '--for=condition=Done', 'wg/nightly', '--timeout=60s');
  const { code } = await koncli(['wg', 'wait', 'nightly', '--min-added', '3', '-n', namespace], access);
  expect(code).toBe(0);
});
