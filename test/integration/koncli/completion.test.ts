import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import { koncliPath } from '../../support/processes/executables.ts';
import { kubeconfigOfNobody } from '../../support/processes/koncli-fixtures.ts';
import { koncli } from '../../support/processes/koncli-process.ts';
import { kubectl, kubectlOutput } from '../../support/processes/kubectl.ts';
import { isInstalled, ShellTerminal } from '../../support/processes/shell-terminal.ts';

const controlPlane = inject('controlPlane');
const PROMPT = 'ready> ';
let namespace: string;
let folder: string;
let env: Record<string, string>;

beforeAll(async () => {
  namespace = await createNamespace(controlPlane, 'completion');
  for (const name of ['batch-1', 'batch-2', 'other'])
    await koncli(['wg', 'create', name, '-n', namespace], controlPlane);
  folder = mkdtempSync(join(controlPlane.directory, 'completion-'));
  for (const name of ['koncli', 'kubectl-konductor', 'kubectl_complete-konductor'])
    symlinkSync(koncliPath(), join(folder, name));
  writeFileSync(join(folder, 'admin.kubeconfig'), '');
  const PATH = `${folder}:${dirname(controlPlane.kubectl)}:/usr/bin:/bin`;
  env = { PATH, HOME: folder, TERM: 'dumb', KUBECONFIG: controlPlane.kubeconfig, NAMESPACE: namespace };
});

/** The response of koncli to the words of a line, the last of which is being typed. */
async function complete(words: readonly string[], options: Parameters<typeof koncli>[1] = controlPlane) {
  const { code, stdout, stderr } = await koncli(['__complete', ...words], options);
  expect([code, stderr]).toEqual([0, '']);
  return stdout.trimEnd().split('\n').slice(0, -1);
}

describe('koncli completion', () => {
  it('completes the WaitGroups of the namespace of the line or the environment', async () => {
    expect(await complete(['wg', 'wait', '-n', namespace, ''])).toEqual(['batch-1', 'batch-2', 'other']);
    expect(await complete(['-n', namespace, 'wg', 'wait', 'batch-1', 'b'])).toEqual(['batch-2']);
    const fromEnvironment = { ...controlPlane, env: { KONDUCTOR_NAMESPACE: namespace } };
    expect(await complete(['wg', 'done', 'o'], fromEnvironment)).toEqual(['other']);
    expect(await complete(['wg', 'status', 'o'], fromEnvironment)).toEqual(['other']);
    expect(await complete(['wg', 'fail', '--message', 'x', 'o'], fromEnvironment)).toEqual(['other']);
    expect(await complete(['wg', 'run', '--on-failure='])).toEqual(['--on-failure=keep', '--on-failure=fail']);
    expect(await complete(['wg', 'done', 'batch-1', ''], fromEnvironment)).toEqual([]);
    expect(await complete(['wg', 'create', ''], fromEnvironment)).toEqual([]);
  });

  it('completes the workers that have not finished', async () => {
    const wg = (...args: string[]) => koncli(['-n', namespace, 'wg', ...args], controlPlane);
    await wg('fail', 'other', '--worker', 'ended', '--message', 'x');
    await wg('run', 'other', '--no-add', '--worker', 'works', '--', '/bin/false');
    expect(await complete(['-n', namespace, 'wg', 'release', 'other', '--worker', ''])).toEqual(['works']);
  });

  it('completes namespaces, and the WaitGroups of the cluster of the context', async () => {
    expect(await complete(['wg', 'list', '-n', namespace.slice(0, -1)])).toEqual([namespace]);
    const [context = ''] = await complete(['--context', '']);
    const current = await kubectlOutput(controlPlane, ['config', 'current-context']);
    expect(context).toBe(current.trim());
    expect(await complete(['--context', context, '-n', namespace, 'wg', 'get', 'o'])).toEqual(['other']);
    expect(await complete(['--context', 'nowhere', '-n', namespace, 'wg', 'get', 'o'])).toEqual([]);
  });

  it('returns nothing, and soon, when the API server is unavailable', async () => {
    const startedAt = performance.now();
    expect(await complete(['wg', 'wait', ''], { kubeconfig: await kubeconfigOfNobody(controlPlane) })).toEqual([]);
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });

  it('is called by kubectl for kubectl konductor', async () => {
    const line = ['konductor', 'wg', 'wait', '-n', namespace, 'batch'];
    const { stdout } = await kubectl(controlPlane, ['__complete', ...line], { path: env.PATH ?? '' });
    expect(stdout).toBe('batch-1\nbatch-2\n:4\n');
  });
});

describe('koncli completion in a shell', () => {
  const START = {
    bash: () => {
      writeFileSync(
        join(folder, 'bashrc'),
        `PS1='${PROMPT}'\nsource <(koncli completion bash)\nalias k=koncli\ncomplete -F _koncli k\n`,
      );
      return `bash --noprofile --rcfile ${join(folder, 'bashrc')} -i`;
    },
    zsh: () => {
      const lines = [
        `PS1='${PROMPT}'`,
        'autoload -U compinit; compinit -u -D',
        'source <(koncli completion zsh)',
        'alias k=koncli',
      ];
      writeFileSync(join(folder, '.zshrc'), lines.join('\n'));
      return 'zsh -d -i';
    },
  };

  it.for(['bash', 'zsh'] as const)('completes a line that is typed in %s', async (shell, { skip }) => {
    skip(!isInstalled(shell) || !isInstalled('script'), `needs ${shell} and script (util-linux) for a terminal`);
    const terminal = new ShellTerminal(START[shell](), { env, prompt: PROMPT });
    onTestFinished(() => terminal.close());
    const place = `-n ${namespace}`;
    expect(await terminal.type('koncli wg wai\t')).toBe('koncli wg wait');
    expect(await terminal.type(`koncli wg wait ${place} o\t`)).toBe(`koncli wg wait ${place} other`);
    expect(await terminal.type(`kubectl-konductor wg get ${place} o\t`)).toBe(
      `kubectl-konductor wg get ${place} other`,
    );
    expect(await terminal.type('k wg wai\t')).toBe('k wg wait');
    expect(await terminal.type('koncli wg get x --output=j\t')).toBe('koncli wg get x --output=json');
    expect(await terminal.type('koncli wg get x --op\t')).toBe('koncli wg get x --op');
    expect(await terminal.type(`koncli --kubeconfig ${folder}/adm\t`)).toBe(
      `koncli --kubeconfig ${folder}/admin.kubeconfig`,
    );
  });

  it('completes a line in fish', async ({ skip }) => {
    skip(!isInstalled('fish'), 'needs fish');
    const lines = [
      'wg wai',
      `wg wait -n ${namespace} batch-1 b`,
      'wg get x --output=j',
      `--kubeconfig ${folder}/adm`,
      'wg done --delta ',
    ];
    const asked = lines.map((line) => `echo '#'; complete -C 'koncli ${line}'`);
    const script = `koncli completion fish | source; ${asked.join('; ')}`;
    mkdirSync(join(folder, '.config'), { recursive: true });
    const { stdout } = await promisify(execFile)('fish', ['--no-config', '-c', script], { env });
    const [, ...answers] = stdout.split('#\n');
    expect(answers).toEqual([
      'wait\twait until all work is done\n',
      'batch-2\n',
      '--output=json\n',
      `${folder}/admin.kubeconfig\n`,
      '',
    ]);
  });
});
