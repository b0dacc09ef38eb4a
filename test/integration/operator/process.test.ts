import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { WaitGroupClient } from '@konductor/client';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { installOperator, startOperatorIn, stopWithTest } from '../../support/cluster/installed-operator.ts';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import { lintMetrics, sample } from '../../support/cluster/prometheus.ts';
import { create, transport } from '../../support/cluster/raw-requests.ts';
import { crowd, freshStatus } from '../../support/network/crowd.ts';
import { operatorPath } from '../../support/processes/executables.ts';
import { kubeconfigOfNobody } from '../../support/processes/koncli-fixtures.ts';
import { resultOf } from '../../support/processes/koncli-process.ts';
import { limitMemory } from '../../support/processes/memory-limit.ts';
import { startOperator, startOperatorUnready } from '../../support/processes/operator.ts';
import { peakMegabytes } from '../../support/processes/process-state.ts';
import { eventually } from '../../support/waiting/eventually.ts';
import { expectOnceWithin } from '../../support/waiting/once-within.ts';

const controlPlane = inject('controlPlane');
/** That of install.yaml. */
const MEMORY_LIMIT_MEGABYTES = 256;
let kubeconfig: string;

beforeAll(async () => {
  kubeconfig = await installOperator(controlPlane);
});

/** Runs an operator that exits by itself. */
function run(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  return resultOf(spawn(operatorPath(), args, { env: { HOME: controlPlane.directory, ...env }, stdio: 'pipe' }));
}

async function ask(address: string, path: string): Promise<[number, string]> {
  const response = await fetch(`http://${address}${path}`);
  return [response.status, await response.text()];
}

const portOf = (address: string) => Number(new URL(`http://${address}`).port);

describe('a running operator', () => {
  it('responds to probes and reports its work in metrics', async () => {
    const namespace = await createNamespace(controlPlane, 'metrics');
    const operator = await startOperatorIn(namespace, kubeconfig);
    expect(await ask(operator.probesAddress, '/healthz')).toEqual([200, 'ok']);
    expect(await ask(operator.probesAddress, '/readyz')).toEqual([200, 'ok']);
    await create(namespace, { metadata: { name: 'unused' } });
    await create(namespace, { metadata: { name: 'used' } });
    await new WaitGroupClient(transport, { namespace }).add('used', 2);
    const { host } = new URL(controlPlane.server);
    const controller = 'controller="waitgroup"';
    // WaitGroups are handled, and requests counted, shortly after their effect shows elsewhere.
    const metricsAtRest = async () => {
      const [, body] = await ask(operator.metricsAddress, '/metrics');
      const of = (name: string, labels: string) => sample(body, name, labels);
      expect(of('konductor_waitgroups', 'phase="Waiting"')).toBe(1);
      expect(of('konductor_waitgroups', 'phase="Done"')).toBe(1);
      expect(of('workqueue_depth', `name="waitgroup",${controller}`)).toBe(0);
      expect(of('rest_client_requests_total', `code="200",method="PUT",host="${host}"`)).toBeGreaterThan(0);
      expect(of('rest_client_request_duration_seconds_count', `verb="PUT",host="${host}"`)).toBeGreaterThan(0);
      expect(of('controller_runtime_reconcile_total', `${controller},result="success"`)).toBeGreaterThan(0);
      return body;
    };
    const metrics = await eventually('a group in each phase, and a queue at rest', metricsAtRest);
    expect(lintMetrics(metrics)).toEqual([]);
    expect(sample(metrics, 'controller_runtime_max_concurrent_reconciles', controller)).toBe(16);
    expect(sample(metrics, 'process_resident_memory_bytes', '')).toBeGreaterThan(10_000_000);
    expect(metrics).not.toContain('leader_election');
    expect(metrics).not.toContain('unused');
  });

  it('serves each new client within its memory limit, whoever else connects', async () => {
    const command = limitMemory([operatorPath()], MEMORY_LIMIT_MEGABYTES);
    const namespace = await createNamespace(controlPlane, 'crowd');
    const operator = stopWithTest(
      await startOperator({ kubeconfig, command, args: [`--watch-namespace=${namespace}`] }),
    );
    const { probesAddress, metricsAddress } = operator;
    crowd({ port: portOf(probesAddress), path: '/healthz' });
    crowd({ port: portOf(metricsAddress), path: '/metrics' });
    for (let round = 0; round < 300; round++) {
      expect(await freshStatus(`http://${probesAddress}/healthz`)).toBe(200);
      expect(await freshStatus(`http://${probesAddress}/readyz`)).toBe(200);
      expect(await freshStatus(`http://${metricsAddress}/metrics`)).toBe(200);
    }
    expect(peakMegabytes(operator.pid)).toBeLessThan(MEMORY_LIMIT_MEGABYTES);
    expect(operator.hasEnded).toBe(false);
  });

  it('logs the type of an error, although it is compiled', async () => {
    const operator = stopWithTest(await startOperatorUnready({ kubeconfig: await kubeconfigOfNobody(controlPlane) }));
    const failure = () => operator.log.find(({ msg }) => msg === 'watch failed, retrying');
    const { err } = await eventually('the failure', failure);
    expect(err).toMatchObject({ type: 'UnavailableError', stack: expect.stringContaining('UnavailableError') });
  });

  it('logs JSON lines with a level, a time and a message', async () => {
    const namespace = await createNamespace(controlPlane, 'log');
    const operator = await startOperatorIn(namespace, kubeconfig);
    // A line is read shortly after it was written.
    const isLogged = () => operator.log.some(({ msg }) => msg === 'cache synced');
    await eventually('the line of the sync', isLogged);
    for (const line of operator.log)
      expect(line).toMatchObject({
        level: expect.stringMatching(/^(debug|info|warn|error)$/),
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
        msg: expect.stringMatching(/\w/),
      });
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('shuts down gracefully within a second after %s', async (signal) => {
    const namespace = await createNamespace(controlPlane, 'signal');
    await expectOnceWithin(1_000, async () => {
      const operator = await startOperatorIn(namespace, kubeconfig);
      const sentAt = performance.now();
      process.kill(operator.pid, signal);
      expect(await operator.exited).toBe(0);
      expect(operator.log.slice(-2)).toMatchObject([
        { msg: 'shutting down gracefully', reason: signal },
        { msg: 'shutdown complete' },
      ]);
      return performance.now() - sentAt;
    });
  });
});

describe('an operator that cannot start reports why in one line, with exit code 1', () => {
  const file = (name: string, content: string) => {
    const path = join(controlPlane.directory, name);
    writeFileSync(path, content);
    return path;
  };

  it.each<[string, () => string, RegExp]>([
    [
      'a kubeconfig that does not exist',
      () => '/nowhere/kubeconfig',
      /kubeconfig \/nowhere\/kubeconfig does not exist/,
    ],
    ['a kubeconfig that is not YAML', () => file('broken', '{ not: [yaml'), /broken is not valid YAML: check line 1/],
    [
      'a kubeconfig without a context',
      () => file('empty', 'kind: Config\n'),
      /empty has no contexts: is it a kubeconfig/,
    ],
  ])('%s', async (_name, path, message) => {
    for (const how of [run([`--kubeconfig=${path()}`]), run([], { KUBECONFIG: path() })]) {
      const { stderr, code } = await how;
      expect(stderr).toMatch(/^konductor-operator: [^\n]+\n$/);
      expect(stderr).toMatch(message);
      expect(code).toBe(1);
    }
  });

  it('no cluster', async () => {
    const { stderr, code } = await run([]);
    expect(stderr).toMatch(/^konductor-operator: no cluster found: set KUBECONFIG or --kubeconfig[^\n]*\n$/);
    expect(code).toBe(1);
  });

  it.each([
    ['--metrics-bind-address', '--health-probe-bind-address=0'],
    ['--health-probe-bind-address', '--metrics-bind-address=0'],
  ])('a port that is in use: %s', async (flag, other) => {
    const server = createServer().listen(0, '127.0.0.1');
    await eventually('the listening', () => server.listening);
    const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { stderr, code } = await run([`${flag}=${address}`, other], { KUBECONFIG: kubeconfig });
    server.close();
    expect(stderr).toBe(`konductor-operator: cannot listen on ${address}: address already in use; change ${flag}\n`);
    expect(code).toBe(1);
  });

  it('an unknown flag', async () => {
    const { stderr, code } = await run(['--metrics-addr=:8080']);
    expect(stderr).toMatch(/^konductor-operator: unknown option '--metrics-addr=:8080'\n/);
    expect(code).toBe(1);
  });
});

it.each([
  ['--version', /^\d+\.\d+\.\d+\n$/],
  ['--help', /^Usage: konductor-operator \[options\]/],
])('prints %s without a cluster', async (flag, expected) => {
  expect(await run([flag])).toEqual({ stdout: expect.stringMatching(expected), stderr: '', code: 0 });
});
