import { join } from 'node:path';
import { connect, KubeTransport } from '@konductor/client';
import type { WaitGroup } from '@konductor/schema';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { waitForGroup } from '../../client/src/wait-group/waiting/wait.ts';
import { grantRules, workerRules } from '../support/cluster/client-access.ts';
import { createToken } from '../support/cluster/tokens.ts';
import { koncli } from '../support/processes/koncli-process.ts';
import { eventually } from '../support/waiting/eventually.ts';
import { withEnoughTime } from '../support/waiting/with-enough-time.ts';
import type { Fault } from './fault-proxy.ts';
import { newFaultedGroup } from './faulted-group.ts';
import {
  cutResponse,
  endInBand,
  firstDo,
  pass,
  passForASecond,
  passFromTheFuture,
  reject,
  resetBefore,
  stall,
  swallow,
} from './faults.ts';

const access = inject('controlPlane');
const IDLE_TIMEOUT_MS = 1_000;
/** So that no watch is taken for dead that is only slow. */
const PATIENT_MS = 30_000;

/** A wait through the proxy that has observed the group once. */
async function startWait(group: Awaited<ReturnType<typeof newFaultedGroup>>, idleTimeoutMs = IDLE_TIMEOUT_MS) {
  const { promise: hasLooked, resolve } = Promise.withResolvers<WaitGroup | undefined>();
  const failures: string[] = [];
  const waiting = group.open({ idleTimeoutMs }).wait('batch', {
    timeoutMs: 60_000,
    onProgress: resolve,
    onRetry: ({ name }) => failures.push(name),
  });
  waiting.catch(() => {});
  await Promise.race([hasLooked, waiting]);
  return { waiting, failures };
}

describe('a wait', () => {
  it.each<[string, Fault]>([
    ['is reset', resetBefore],
    ['is rejected with 500', reject(500)],
    ['is rejected with 429', reject(429)],
    ['is too old', reject(410)],
    ['is too old, said in-band', endInBand(410)],
    ['fails in-band', endInBand(500)],
    ['falls silent', stall],
    ['ends at once', (request) => request.respond({ code: 200 })],
  ])('goes on when its watch %s, and is woken by the last done', async (_, fault) => {
    const group = await newFaultedGroup(access, 1);
    const { promise: hasFailed, resolve } = Promise.withResolvers<void>();
    group.proxy.onWatch(
      fault,
      firstDo(async () => resolve()),
    );
    const { waiting } = await startWait(group);
    await hasFailed;
    await group.direct.done('batch');
    expect((await waiting).status).toMatchObject({ counter: 0, completions: 1 });
  });

  it('goes on when the API server ends its watch in good order, which is no failure', async () => {
    const group = await newFaultedGroup(access, 1);
    const { promise: hasEnded, resolve } = Promise.withResolvers<void>();
    group.proxy.onWatch(
      passForASecond,
      firstDo(async () => resolve()),
    );
    const { waiting, failures } = await startWait(group, PATIENT_MS);
    await hasEnded;
    await group.direct.done('batch');
    expect((await waiting).status).toMatchObject({ counter: 0, completions: 1 });
    expect(failures).toEqual([]);
    expect(group.proxy.requests).toEqual(['GET list', 'GET watch', 'GET list', 'GET watch']);
  });

  it('is woken although the API server was restored from a backup, and knows its resourceVersion no more', async () => {
    const group = await newFaultedGroup(access, 1);
    group.proxy.onList(
      passFromTheFuture,
      firstDo(() => group.direct.done('batch')),
    );
    const { waiting } = await startWait(group);
    expect((await waiting).status).toMatchObject({ counter: 0, completions: 1 });
    expect(group.proxy.requests).toEqual(['GET list', 'GET watch', 'GET list']);
  });

  it('does not come back before it is asked to', async () => {
    const group = await newFaultedGroup(access, 1);
    const askedAt: number[] = [];
    const note = firstDo(async () => askedAt.push(performance.now()), reject(429, { 'retry-after': '2' }));
    group.proxy.onWatch(
      note,
      firstDo(async () => askedAt.push(performance.now())),
    );
    const { waiting, failures } = await startWait(group, PATIENT_MS);
    await eventually('the second watch', () => askedAt.length === 2);
    await group.direct.done('batch');
    await waiting;
    expect(failures).toEqual(['TooManyRequestsError']);
    expect((askedAt[1] ?? 0) - (askedAt[0] ?? 0)).toBeGreaterThan(1_990);
  });

  it('is not fooled by half a line, and observes the end on the next watch', async () => {
    const group = await newFaultedGroup(access, 2);
    group.proxy.onWatch(cutResponse);
    const { waiting, failures } = await startWait(group, PATIENT_MS);
    await group.direct.done('batch', 2);
    expect((await waiting).status).toMatchObject({ counter: 0 });
    expect(failures).toEqual(['UnavailableError']);
  });

  it.each<[string, Fault]>([
    ['is reset', resetBefore],
    ['fails', reject(503)],
    ['is rejected', reject(429)],
  ])('begins when its list %s at first', async (_, fault) => {
    const group = await newFaultedGroup(access, 0);
    group.proxy.onList(fault);
    await expect(group.client.wait('batch')).resolves.toBeDefined();
  });

  it('notices a round that began and ended while the API server was unreachable', async () => {
    const group = await newFaultedGroup(access, 1);
    const { waiting } = await startWait(group);
    group.proxy.refuseConnections();
    await group.direct.done('batch');
    await group.direct.add('batch', 9);
    await group.proxy.acceptConnections();
    expect((await waiting).status).toMatchObject({ counter: 9, completions: 1 });
  });

  it('notices a round that began and ended before a watch that failed in-band', async () => {
    const group = await newFaultedGroup(access, 1);
    const round = async () => {
      await group.direct.done('batch');
      await group.direct.add('batch', 9);
    };
    group.proxy.onWatch(firstDo(round, endInBand(410)));
    const { waiting } = await startWait(group);
    expect((await waiting).status).toMatchObject({ counter: 9, completions: 1 });
  });

  /** A wait of an account that loses its permissions while the first watch is open; `restore` gives them back. */
  async function startWaitWithoutPermission(options: Partial<Parameters<typeof waitForGroup>[2]> = {}) {
    const group = await newFaultedGroup(access, 1);
    const { namespace } = group.direct;
    const worker = { namespace, rules: workerRules('batch'), name: 'worker' };
    await grantRules(access, worker);
    const token = await createToken(access, { namespace, serviceAccount: 'worker' });
    const kubeconfig = join(access.directory, `${namespace}-proxy.kubeconfig`);
    group.proxy.writeKubeconfig(kubeconfig, { token });
    const withdraw = () => grantRules(access, { ...worker, rules: [] });
    group.proxy.onList(pass, firstDo(withdraw));
    group.proxy.onWatch(passForASecond);
    const transport = new KubeTransport(await connect({ kubeconfig, env: {} }));
    onTestFinished(() => transport.close());
    const { promise: isRejected, resolve } = Promise.withResolvers<string>();
    const onRetry = ({ name }: Error) => resolve(name);
    const waiting = waitForGroup(transport, { namespace, name: 'batch' }, { timeoutMs: 60_000, onRetry, ...options });
    waiting.catch(() => {});
    return { group, waiting, isRejected, restore: () => grantRules(access, worker) };
  }

  it('goes on when its account has lost its permissions for a moment', async () => {
    const { group, waiting, isRejected, restore } = await startWaitWithoutPermission();
    expect(await isRejected).toBe('ForbiddenError');
    await restore();
    await group.direct.done('batch');
    expect((await waiting).status).toMatchObject({ counter: 0 });
  });

  it.each([
    ['does not get them back', { rejectionGraceMs: 500 }],
    ['has not got them back when the time limit expires', { timeoutMs: 3_000 }],
  ])('reports the rejection when its account %s', async (_, options) => {
    const { waiting } = await startWaitWithoutPermission(options);
    await expect(waiting).rejects.toMatchObject({ name: 'ForbiddenError' });
  });

  it('ends at once when its account is not allowed to watch, and reports which rule is missing', async () => {
    const group = await newFaultedGroup(access, 1);
    const { namespace } = group.direct;
    const worker = { namespace, rules: workerRules('batch'), name: 'worker' };
    await grantRules(access, worker);
    const token = await createToken(access, { namespace, serviceAccount: 'worker' });
    const kubeconfig = join(access.directory, `${namespace}-proxy.kubeconfig`);
    group.proxy.writeKubeconfig(kubeconfig, { token });
    // The permission is checked when a watch begins.
    const withdraw = () => grantRules(access, { ...worker, rules: [] });
    group.proxy.onWatch(firstDo(withdraw, passForASecond));
    const { code, stderr } = await koncli(['wg', 'wait', 'batch', '-n', namespace], { kubeconfig });
    expect(code).toBe(4);
    expect(stderr).toMatch(/\nkoncli: .* cannot watch resource "waitgroups" .*: grant all that wait needs with /);
  });

  it.each([
    ['deleted', false],
    ['recreated', true],
  ])('ends when the group was %s in a gap of the watch', async (absence, isMadeAnew) => {
    const group = await newFaultedGroup(access, 1);
    const change = async () => {
      await group.direct.delete('batch');
      if (isMadeAnew) await group.direct.create({ name: 'batch' });
    };
    group.proxy.onWatch(firstDo(change, endInBand(410)));
    const { waiting } = await startWait(group);
    await expect(waiting).rejects.toMatchObject({ name: 'WaitGroupNotFoundError', absence });
  });

  it('does not call a group missing while the API server cannot be asked', async () => {
    const group = await newFaultedGroup(access);
    const appearTimeoutMs = 2_000;
    let lookedAt = Number.POSITIVE_INFINITY;
    const waiting = group.client.wait('late', {
      appearTimeoutMs,
      onProgress: () => {
        lookedAt = performance.now();
        group.proxy.refuseConnections();
      },
    });
    waiting.catch(() => {});
    await eventually('the end of that time', () => performance.now() - lookedAt > appearTimeoutMs + 100);
    await group.direct.create({ name: 'late' });
    await group.proxy.acceptConnections();
    await expect(waiting).resolves.toMatchObject({ metadata: { name: 'late' } });
  });

  it('reports that the API server is unavailable when its time limit expires then', async () => {
    const group = await newFaultedGroup(access, 4);
    await withEnoughTime(async ({ timeoutMs }) => {
      const waiting = group.open().wait('batch', { timeoutMs, onProgress: () => group.proxy.refuseConnections() });
      const outcome = await waiting.catch((error) => error);
      await group.proxy.acceptConnections();
      expect(outcome).toMatchObject({ name: 'TimedOutError', isServerUnavailable: true, lastStatus: { counter: 4 } });
    });
  });

  it('reports that as well when it never got a response', async () => {
    const group = await newFaultedGroup(access, 4);
    group.proxy.onList(swallow);
    const waiting = group.client.wait('batch', { timeoutMs: 500 });
    await expect(waiting).rejects.toMatchObject({ name: 'TimedOutError', isServerUnavailable: true });
  });
});
