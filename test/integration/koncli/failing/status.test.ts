import { hostname } from 'node:os';
import { beforeEach, describe, expect, inject, it } from 'vitest';
import { openClient } from '../../../support/cluster/client-access.ts';
import { createNamespace } from '../../../support/cluster/namespaces.ts';
import { koncli } from '../../../support/processes/koncli-process.ts';
import { kubectlOutput } from '../../../support/processes/kubectl.ts';

const controlPlane = inject('controlPlane');
const HOUR_MS = 3_600_000;
let namespace: string;

beforeEach(async () => {
  namespace = await createNamespace(controlPlane, 'failed-status');
});

const wg = (...args: string[]) => koncli(['wg', ...args, '-n', namespace], controlPlane);
const overview = () => koncli(['status', '-n', namespace], controlPlane);

/** A group with a deadline of one hour, whose work began some time ago, as the operator would record it. */
async function createLimited(name: string, begun: { hoursAgo: number }): Promise<void> {
  await wg('create', name, '--deadline', '1h');
  await wg('add', name);
  const startedAt = new Date(Date.now() - begun.hoursAgo * HOUR_MS).toISOString();
  const status = JSON.stringify({ status: { startedAt, observedGeneration: 1 } });
  const args = ['patch', 'wg', name, '-n', namespace, '--subresource=status', '--type=merge', '-p', status];
  await kubectlOutput(controlPlane, args);
}

describe('koncli waitgroup status of a failed WaitGroup', () => {
  it('shows what failed, where and when, and how to start over', async () => {
    const client = await openClient({ kubeconfig: controlPlane.kubeconfig, namespace, by: 'etl-x2k4d' });
    await wg('create', 'batch', '--initial-count', '3');
    await client.fail('batch', { message: 'no space left', reason: 'DiskFull' });
    const { code, stdout, stderr } = await wg('status', 'batch');
    expect([code, stderr]).toEqual([0, '']);
    const lines = [
      `^waitgroup.konductor.io/batch in namespace "${namespace}"`,
      'Failed: DiskFull: no space left \\(by etl-x2k4d, \\d+s ago\\); 2 outstanding, 3 added in total; waits end with exit code 6',
      '',
      'Next:',
      `  see why it failed                     kubectl logs etl-x2k4d -n ${namespace}`,
      `  to start over, first end this round   koncli waitgroup set batch --counter 0 --reason WHY -n ${namespace}`,
      `  when it is no longer needed           koncli waitgroup delete batch -n ${namespace}`,
      '',
    ];
    expect(stdout).toMatch(new RegExp(lines.join('\n')));
    expect(stdout).toMatch(/\nFailed +True +DiskFull +\d+s +no space left\n/);
    expect((await wg('status', 'batch', '-o', 'wide')).stdout).toMatch(/ OUTCOME +(.|\n)*\nbatch .* Failed /);
  });

  it('follows its advice to the next round', async () => {
    await wg('create', 'batch', '--initial-count', '3', '--ttl', '1h');
    await wg('fail', 'batch', '--message', 'x');
    await wg('set', 'batch', '--counter', '0', '--reason', 'x');
    const ended = await wg('status', 'batch');
    expect(ended.stdout).toContain(`(by ${hostname()}, `);
    expect(ended.stdout).toMatch(/; 0 outstanding, 3 added in total; waits end with exit code 6\n/);
    expect(ended.stdout).toContain(
      `to start over, add the work again              koncli waitgroup add batch -n ${namespace}`,
    );
    await wg('add', 'batch');
    expect((await wg('status', 'batch')).stdout).toMatch(/\nWaiting: 1 outstanding, 4 added in total; last change /);
  });
});

describe('koncli waitgroup status of a WaitGroup with a deadline', () => {
  it('shows when it will fail', async () => {
    await createLimited('batch', { hoursAgo: 0.5 });
    expect((await wg('status', 'batch')).stdout).toMatch(/ by \S+ \(\+1\); fails in (29|30)m unless done\n/);
    expect((await overview()).stdout).toContain('1 Waiting, 0 Done; none ');
  });

  it('reports that no operator enforces the deadline', async () => {
    await createLimited('batch', { hoursAgo: 2 });
    const late = 'its deadline expired 60m ago, but it has not failed';
    const { stdout } = await wg('status', 'batch');
    expect(stdout).toContain(`; ${late}\n`);
    expect(stdout).toContain(`check whether the operator is running   koncli doctor batch -n ${namespace}\n`);
    expect((await overview()).stdout).toMatch(new RegExp(`1 needs attention\n(.|\n)*\nbatch .*${late}\n`));
  });
});

describe('koncli status', () => {
  it('lists failed WaitGroups', async () => {
    for (const name of ['failed', 'fine']) await wg('create', name, '--initial-count', '3');
    await wg('fail', 'failed', '--message', 'no space left');
    const { stdout } = await overview();
    expect(stdout).toMatch(/2 Waiting, 0 Done, 1 of them failed; 1 needs attention\n/);
    expect(stdout).toMatch(
      new RegExp(`\nfailed +koncli waitgroup status failed -n ${namespace} +Failed: WorkerFailed: no space left `),
    );
    expect((await koncli(['status', '-n', namespace, '-o', 'name'], controlPlane)).stdout).toBe(
      'waitgroup.konductor.io/failed\n',
    );
  });
});
