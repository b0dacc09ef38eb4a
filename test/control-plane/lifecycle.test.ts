import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { kubectl, kubectlOutput } from '../support/processes/kubectl.ts';
import { expectOnceWithin } from '../support/waiting/once-within.ts';
import { writeScript } from './binaries/fake-binaries.ts';
import { type ControlPlane, startControlPlane } from './control-plane.ts';
import { listCommandLines } from './servers/command-lines.ts';
import { onFreePort, PortTakenError } from './servers/ports.ts';
import { ServerProcess } from './servers/server-process.ts';

let controlPlane: ControlPlane;

beforeAll(async () => {
  controlPlane = await startControlPlane();
});
afterAll(() => controlPlane.stop());

const processesOf = (directory: string) => listCommandLines().filter(({ args }) => args.join(' ').includes(directory));

async function openWatch({ kubectl, kubeconfig }: ControlPlane) {
  const watch = spawn(kubectl, ['get', 'namespaces', '--watch', '--kubeconfig', kubeconfig]);
  await once(watch.stdout, 'data');
  return watch;
}

it('keeps its address, credentials and data when the API server restarts, even with a watch open', async () => {
  await kubectlOutput(controlPlane, ['create', 'namespace', 'kept']);
  const watch = await openWatch(controlPlane);
  const { etcd, apiServer } = controlPlane.processIds;
  // In good order: after 10 s it would have been killed.
  await expectOnceWithin(9_000, async () => {
    const startedAt = performance.now();
    await controlPlane.stopApiServer();
    const tookMs = performance.now() - startedAt;
    await controlPlane.startApiServer();
    return tookMs;
  });
  expect(controlPlane.processIds.etcd).toBe(etcd);
  expect(controlPlane.processIds.apiServer).not.toBe(apiServer);
  await kubectlOutput(controlPlane, ['get', 'namespace', 'kept']);
  watch.kill();
});

it('is unavailable while the API server is stopped, and available afterwards', async () => {
  await controlPlane.stopApiServer();
  expect(controlPlane.processIds.apiServer).toBeUndefined();
  expect(await kubectl(controlPlane, ['get', 'namespaces'])).toMatchObject({ code: 1 });
  await controlPlane.startApiServer();
  await kubectlOutput(controlPlane, ['get', 'namespace', 'default']);
});

it('comes back after its API server was killed', async () => {
  process.kill(controlPlane.processIds.apiServer ?? 0, 'SIGKILL');
  await controlPlane.restartApiServer();
  await kubectlOutput(controlPlane, ['get', 'namespace', 'default']);
});

it('stops without leaving a process or directory, even if called twice and with a watch open', async () => {
  const stopped = await startControlPlane();
  const watch = await openWatch(stopped);
  expect(processesOf(stopped.directory).length).toBeGreaterThanOrEqual(4);
  const watchEnded = once(watch, 'exit');
  await Promise.all([stopped.stop(), stopped.stop()]);
  watch.kill('SIGKILL');
  await watchEnded;
  expect(processesOf(stopped.directory)).toEqual([]);
  expect(existsSync(stopped.directory)).toBe(false);
});

it('leaves nothing when its start is given up', async () => {
  const ours = `konductor-control-plane-${process.pid}-`;
  const before = processesOf(ours).length;
  await expect(startControlPlane({ signal: AbortSignal.timeout(1_000) })).rejects.toThrow('timeout');
  expect(processesOf(ours)).toHaveLength(before);
});

it('takes another port when somebody else was quicker', async () => {
  const squatter = createServer();
  const ports: number[] = [];
  const port = await onFreePort(async (candidate) => {
    ports.push(candidate);
    if (ports.length > 1) return candidate;
    await once(squatter.listen(candidate, '127.0.0.1'), 'listening');
    throw new PortTakenError('address already in use');
  });
  squatter.close();
  expect(ports).toHaveLength(2);
  expect(port).toBe(ports[1]);
});

it.each([
  ['listen tcp 127.0.0.1:1: bind: address already in use', PortTakenError],
  ['unknown flag: --nonsense', Error],
])('reports a server that dies with "%s", the end of its log included', async (line, kind) => {
  const directory = mkdtempSync(join(tmpdir(), 'konductor-server-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  writeScript(directory, 'etcd', `echo '${line}'; exit 3`);
  const server = new ServerProcess({ path: join(directory, 'etcd'), args: [], directory });
  const error = await server.waitUntil(async () => false).catch((error: Error) => error);
  expect(error).toMatchObject({
    name: kind.name,
    message: `etcd ended with exit code 3; the end of its log:\n${line}`,
  });
});
