// Every command that koncli advises is run as it is printed, by a caller whose cluster is named by flags alone.
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { beforeEach, describe, expect, inject, it } from 'vitest';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import { koncliPath } from '../../support/processes/executables.ts';
import { koncli } from '../../support/processes/koncli-process.ts';
import { kubectlOutput } from '../../support/processes/kubectl.ts';

const controlPlane = inject('controlPlane');
let namespace: string;
let kubeconfig: string;

beforeEach(async () => {
  namespace = await createNamespace(controlPlane, 'advice');
  kubeconfig = join(controlPlane.directory, `${namespace} of prod.kubeconfig`);
  const config = JSON.parse(await readFile(controlPlane.kubeconfig, 'utf8'));
  const contexts = config.contexts.map((one: object) => ({ ...one, name: 'prod' }));
  await writeFile(kubeconfig, JSON.stringify({ ...config, contexts, 'current-context': 'elsewhere' }));
});

const wg = (...args: string[]) => koncli(['wg', ...args, '-n', namespace], controlPlane);
/** Nothing but the flags leads to the cluster. */
const far = (...args: string[]) =>
  koncli(['--context', 'prod', '--kubeconfig', kubeconfig, ...args, '-n', namespace], { kubeconfig: '/nonexistent' });

const patch = (change: object, ...flags: string[]) =>
  kubectlOutput(controlPlane, [
    ...['patch', 'wg', 'batch', '-n', namespace, '--type=merge', '-p', JSON.stringify(change)],
    ...flags,
  ]);

/** Runs a command as a reader would, with all placeholders filled in. */
async function type(command: string): Promise<string> {
  const line = command.replace('--counter N --reason WHY', '--counter 0 --reason x');
  const path = [koncliPath(), controlPlane.kubectl].map((file) => dirname(file)).join(':');
  const env = { PATH: `${path}:/usr/bin:/bin`, HOME: '/nonexistent', KUBECONFIG: '/nonexistent' };
  try {
    return (await promisify(execFile)('sh', ['-c', line], { env })).stdout;
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    // It may find an operator that another test installs in the same cluster and that is not ready.
    if (stderr === 'koncli: failed checks: operator\n') return stdout;
    throw error;
  }
}

/** The commands after `Next:`. */
function stepsOf(stdout: string): readonly string[] {
  const [, paragraph = ''] = stdout.split('\nNext:\n');
  const [lines = ''] = paragraph.split('\n\n');
  return lines.split('\n').flatMap((line) => /(?:koncli|kubectl) .*$/.exec(line) ?? []);
}

describe('the next steps of koncli waitgroup status', () => {
  it.each<[string, () => Promise<unknown>, number]>([
    ['an unused WaitGroup', () => wg('create', 'batch'), 1],
    [
      'a new WaitGroup with work',
      async () => {
        await wg('create', 'batch', '--initial-count', '1');
        await wg('done', 'batch');
        await wg('add', 'batch');
      },
      2,
    ],
    [
      'a completed WaitGroup without a TTL',
      async () => {
        await wg('create', 'batch', '--initial-count', '1');
        await wg('done', 'batch');
      },
      1,
    ],
    [
      'a stalled WaitGroup',
      async () => {
        await wg('create', 'batch');
        await wg('add', 'batch');
        const at = '2026-01-02T03:04:05Z';
        const conditions = [
          { type: 'Done', status: 'False', reason: 'Outstanding', message: '', lastTransitionTime: at },
        ];
        const recentOperations = [{ id: 'x', delta: 1, by: 'etl-x2k4d', at }];
        await patch({ status: { conditions, recentOperations } }, '--subresource=status');
      },
      2,
    ],
    [
      'an operator that does not run',
      async () => {
        await wg('create', 'batch', '--ttl', '1s');
        await wg('add', 'batch');
        await wg('done', 'batch');
        await patch({ status: { completedAt: '2026-01-02T03:04:05Z' } }, '--subresource=status');
      },
      1,
    ],
    [
      'a blocked deletion',
      async () => {
        await wg('create', 'batch');
        await patch({ metadata: { finalizers: ['example.com/x'] } });
        await wg('delete', 'batch');
      },
      1,
    ],
  ])('work for %s', async (_, setUp, count) => {
    await setUp();
    const { stdout } = await far('wg', 'status', 'batch');
    const steps = stepsOf(stdout);
    expect(steps).toHaveLength(count);
    // A wait would last until the work is done: the other command comes first.
    for (const step of steps.toReversed()) await type(step.replace(' waitgroup wait ', ' waitgroup get '));
  });
});

describe('the commands in errors', () => {
  it('work for a WaitGroup that is not there', async () => {
    const { stderr } = await far('wg', 'get', 'batch');
    const [, status = '', create = ''] = / run (koncli .*) to see .*, or (koncli .*)\n$/.exec(stderr) ?? [];
    expect(await type(create)).toBe('waitgroup.konductor.io/batch created\n');
    expect(await type(status)).toContain('waitgroup.konductor.io/batch in namespace');
  });

  it('work for a wait that timed out, and for names that do not match', async () => {
    await wg('create', 'batch', '--initial-count', '1');
    const { stderr } = await far('wg', 'wait', 'batch', '--timeout', '0');
    expect(await type(/, run (koncli .*)\n$/.exec(stderr)?.[1] ?? '')).toContain('Waiting: 1 outstanding');
    for (const args of [
      ['wait', '-l', 'a=b', '--timeout', '0'],
      ['delete', 'other'],
    ]) {
      const { stderr: line } = await far('wg', ...args);
      expect(await type(/, run (koncli .*)\n$/.exec(line)?.[1] ?? '')).toContain('batch');
    }
  });

  it('work in koncli status, which names the status of each WaitGroup', async () => {
    await wg('create', 'batch', '--ttl', '1s');
    await wg('add', 'batch');
    await wg('done', 'batch');
    await patch({ status: { completedAt: '2026-01-02T03:04:05Z' } }, '--subresource=status');
    const { stdout } = await far('status');
    expect(await type(/(koncli .*?) {3}/.exec(stdout.split('\nNAME ')[1] ?? '')?.[1] ?? '')).toContain(
      'its TTL expired',
    );
  });
});
