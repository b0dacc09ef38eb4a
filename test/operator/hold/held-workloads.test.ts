import { HeldWorkloads } from '@konductor/operator';
import type { WaitGroup, WaitGroupStatus } from '@konductor/schema';
import { describe, expect, it } from 'vitest';
import { buildStatus, buildWaitGroup } from '../../schema/wait-groups.ts';
import { eventually } from '../../support/waiting/eventually.ts';
import { captureLog } from '../captured-logger.ts';
import {
  type FakeApiServer,
  type FakeRequest,
  type FakeResponse,
  listOf,
  rejection,
  startFakeApiServer,
} from '../fake-api-server.ts';
import { buildJob, buildPod } from './workloads.ts';

const JOBS = '/apis/batch/v1/jobs';
const PODS = '/api/v1/pods';
const JOB = '/apis/batch/v1/namespaces/jobs/jobs/later';
const POD = '/api/v1/namespaces/jobs/pods/later';

const group = (status: Partial<WaitGroupStatus>) => buildWaitGroup({ status: buildStatus(status) });
const waiting = group({ counter: 1, added: 1 });
const done = group({ added: 1, completions: 1, addedAtCompletion: 1, outcome: 'Succeeded' });
const again = group({ counter: 1, added: 2, completions: 1, addedAtCompletion: 1 });

interface Circumstances {
  readonly respond?: (request: FakeRequest) => FakeResponse | Promise<FakeResponse | undefined> | undefined;
  isActive?: boolean;
  waitGroup?: WaitGroup;
  readonly forbiddenMs?: number;
}

/** With one Job and one pod that are held. */
async function withHeld(
  circumstances: Circumstances,
  run: (held: HeldWorkloads, server: FakeApiServer) => Promise<unknown>,
) {
  const lists: Readonly<Record<string, FakeResponse>> = {
    [JOBS]: listOf([buildJob()], '10'),
    [PODS]: listOf([buildPod()], '10'),
  };
  const respond = async (request: FakeRequest) => (await circumstances.respond?.(request)) ?? lists[request.path] ?? {};
  await using server = await startFakeApiServer(respond);
  const { logger, lines } = captureLog();
  const { forbiddenMs } = circumstances;
  const held = new HeldWorkloads({
    ...(forbiddenMs !== undefined && { forbiddenMs }),
    ...{ transport: server.transport, logger, instance: 'test', observer: {}, onReleased: () => {} },
    waitGroupNamed: () => circumstances.waitGroup ?? waiting,
    isActive: () => circumstances.isActive ?? true,
  });
  held.start();
  await run(held, server);
  await held.stop();
  const patched = server.requests.filter(({ method }) => method === 'PATCH').map(({ path }) => path);
  return { patched, lines };
}

const synced = (server: FakeApiServer) => eventually('both watches', () => server.watches.length >= 2);
const watchOf = (server: FakeApiServer, path: string) =>
  eventually(`the watch of ${path}`, () => server.watches.find((watch) => watch.path === path));
const patch = ({ requests }: FakeApiServer, path: string) =>
  eventually(`the patch of ${path}`, () => requests.some((one) => one.method === 'PATCH' && one.path === path));

it('patches each object once, with what holds it and its identity alone', async () => {
  const circumstances: Circumstances = { waitGroup: done };
  const { patched } = await withHeld(circumstances, async (held, server) => {
    await Promise.all([JOB, POD].map((path) => patch(server, path)));
    // Events of a time before the patches.
    (await watchOf(server, JOBS)).send('MODIFIED', buildJob({ metadata: { resourceVersion: '6' } }));
    (await watchOf(server, PODS)).send('MODIFIED', buildPod({ metadata: { resourceVersion: '6' } }));
    held.onWaitGroup(again, waiting);
    held.begin();
    await eventually('both responses', () => !held.isReleasing(done));
    const bodies = server.requests.filter(({ method }) => method === 'PATCH').map(({ body }) => body);
    expect(bodies).toContainEqual({
      metadata: { uid: 'job-1', resourceVersion: '5', annotations: { 'konductor.io/released-at': expect.any(String) } },
      spec: { suspend: false },
    });
    expect(bodies).toContainEqual({
      metadata: { uid: 'pod-1' },
      spec: { schedulingGates: [{ name: 'konductor.io/after', $patch: 'delete' }] },
    });
  });
  expect(patched.sort()).toEqual([JOB, POD].sort());
});

describe('on standby', () => {
  it('nothing is sent, and a round that was done between two others lets go once it leads', async () => {
    const circumstances: Circumstances = { isActive: false };
    const { patched } = await withHeld(circumstances, async (held, server) => {
      await synced(server);
      held.onWaitGroup(again, waiting);
      held.begin();
      expect(server.requests.map(({ method }) => method)).toEqual(['GET', 'GET']);
      circumstances.isActive = true;
      held.begin();
      await Promise.all([JOB, POD].map((path) => patch(server, path)));
    });
    expect(patched).toHaveLength(2);
  });

  it('what an object waited for before its label was moved lets nothing go', async () => {
    const circumstances: Circumstances = { isActive: false };
    const { patched } = await withHeld(circumstances, async (held, server) => {
      await synced(server);
      held.onWaitGroup(again, waiting);
      const labels = { 'konductor.io/after': 'other' };
      const watch = await watchOf(server, JOBS);
      watch.send('MODIFIED', buildJob({ labels, metadata: { resourceVersion: '6' } }));
      watch.send('ADDED', buildJob({ metadata: { name: 'next', uid: 'job-2' } }));
      await eventually('the next Job', () => held.count('Job') === 2);
      circumstances.isActive = true;
      held.begin();
      await patch(server, POD);
    });
    expect(patched).toEqual([POD]);
  });
});

describe('a WaitGroup is kept', () => {
  it('until the held objects are known', async () => {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const listed = ({ path }: FakeRequest) => (path === PODS ? promise : undefined);
    await withHeld({ respond: listed, isActive: false }, async (held, server) => {
      await watchOf(server, JOBS);
      expect(held.isReleasing(waiting)).toBe(true);
      resolve(undefined);
      await synced(server);
      expect([held.isReleasing(waiting), held.isReleasing(done)]).toEqual([false, true]);
    });
  });

  it.each([
    [403, 'Forbidden'],
    [422, 'Invalid'],
  ])('not if the API server rejects the patches with %d', async (code, reason) => {
    const respond = ({ method }: FakeRequest) => (method === 'PATCH' ? rejection(code, reason) : undefined);
    await withHeld({ respond, waitGroup: done }, async (held, server) => {
      await Promise.all([JOB, POD].map((path) => patch(server, path)));
      await eventually('the rejections', () => !held.isReleasing(done));
    });
  });

  it('not if the operator may not watch, which is logged once with a hint', async () => {
    const respond = ({ path }: FakeRequest) => (path === PODS ? rejection(403, 'Forbidden') : undefined);
    const { lines } = await withHeld({ respond, isActive: false }, async (held, server) => {
      await eventually('three attempts', () => server.requests.filter(({ path }) => path === PODS).length > 2);
      await eventually('the other kind', () => held.count('Job') === 1);
      expect([held.isReleasing(waiting), held.isReleasing(done)]).toEqual([false, true]);
    });
    const warnings = lines.filter(({ level }) => level === 'warn');
    expect(warnings).toEqual([expect.objectContaining({ message: 'watching held workloads failed, retrying' })]);
    expect(warnings[0]?.fields.hint).toContain('cdk8s/manifests/install.yaml');
  });
});

describe('without permission to patch', () => {
  const respond = ({ method }: FakeRequest) => (method === 'PATCH' ? rejection(403, 'Forbidden') : undefined);
  const others = Array.from({ length: 9 }, (_, index) =>
    buildPod({ metadata: { name: `p-${index}`, uid: `u-${index}` } }),
  );
  const elsewhere = buildPod({ metadata: { name: 'later', namespace: 'other', uid: 'pod-2' } });

  it('each object is tried once, and then one of each kind and namespace at a time', async () => {
    const circumstances = { respond, waitGroup: done, forbiddenMs: 86_400_000 };
    const { patched, lines } = await withHeld(circumstances, async (held, server) => {
      const watch = await watchOf(server, PODS);
      for (const other of others) watch.send('ADDED', other);
      await eventually('the rejections', () => !held.isReleasing(done));
      for (let count = 0; count < 5; count++) held.begin();
      watch.send('ADDED', elsewhere);
      await patch(server, '/api/v1/namespaces/other/pods/later');
    });
    // The transport repeats a rejected request once, because a server that is starting rejects valid ones.
    expect(patched).toHaveLength(2 * (2 + others.length + 1));
    const warnings = lines
      .filter(({ level }) => level === 'warn')
      .map(({ fields }) => `${fields.kind} ${fields.namespace}`);
    expect(warnings.sort()).toEqual(['Job jobs', 'Pod jobs', 'Pod other']);
  });

  it('all are let go once it is granted', async () => {
    let isGranted = false;
    const circumstances: Circumstances = {
      respond: (request) => (isGranted ? undefined : respond(request)),
      waitGroup: done,
      forbiddenMs: 1,
    };
    const { patched } = await withHeld(circumstances, async (held, server) => {
      await eventually('the rejections', () => !held.isReleasing(done) && held.count('Pod') === 1);
      await Promise.all([JOB, POD].map((path) => patch(server, path)));
      isGranted = true;
      const released = () => server.requests.filter(({ method }) => method === 'PATCH').length;
      const before = released();
      await eventually('the releases', () => released() >= before + 2);
    });
    expect(new Set(patched)).toEqual(new Set([JOB, POD]));
  });
});
