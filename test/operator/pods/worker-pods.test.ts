import type { KubeObject } from '@konductor/client';
import { type Pod, WorkerPods } from '@konductor/operator';
import type { WaitGroupWorker, WorkerPolicy } from '@konductor/schema';
import { describe, expect, it } from 'vitest';
import { buildWaitGroup } from '../../schema/wait-groups.ts';
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
import { buildPod, buildWorker } from './workers.ts';

const PODS = '/api/v1/namespaces/jobs/pods';

/** What the API server has stored. */
interface Stored {
  readonly pods?: readonly Pod[];
  readonly records?: WaitGroupWorker[];
  readonly job?: object;
}

function respond({ pods = [], records = [], job }: Stored, { path, method }: FakeRequest): FakeResponse {
  const name = path.split('/').at(-1);
  const found = (object: object | undefined) => (object ? { body: object } : rejection(404, 'NotFound'));
  const named = (objects: readonly KubeObject[]) => found(objects.find(({ metadata }) => metadata.name === name));
  // None has the label.
  if (path === '/api/v1/pods') return listOf([], '10');
  if (path === PODS) return listOf(pods, '10');
  if (path.startsWith(PODS)) return named(pods);
  if (path.includes('/waitgroupworkers/')) {
    const response = named(records);
    // The record is Lost after its only write.
    if (method === 'PATCH') records.splice(0);
    return response;
  }
  if (path.includes('/jobs/')) return found(job);
  return { body: { metadata: { name } } };
}

/** Returns the pods of the workers that were lost, and what was requested. */
async function withPods(
  stored: Stored,
  run: (pods: WorkerPods, server: FakeApiServer) => Promise<unknown>,
  { intervalMs = 45_000, waitGroup = () => buildWaitGroup() } = {},
) {
  await using server = await startFakeApiServer((request) => respond(stored, request));
  const { logger, lines } = captureLog();
  const pods = new WorkerPods({
    ...{ transport: server.transport, logger, instance: 'test', observer: {}, isActive: () => true },
    ...{ waitGroup, intervalMs },
    onLost: () => {},
  });
  await run(pods, server);
  await pods.stop();
  const lost = lines.filter(({ message }) => message === 'worker lost').map(({ fields }) => fields.pod);
  return { lost, paths: server.requests.map(({ path }) => path), watches: server.watches };
}

/** Active in a pod of its own name. */
const workerIn = (name: string): WaitGroupWorker => buildWorker({ pod: { name, uid: `uid-of-${name}` } }, name);
const podNamed = (name: string, parts: Partial<Pod['metadata']> = {}): Pod =>
  buildPod({ phase: 'Running' }, { name, uid: `uid-of-${name}`, ...parts });
const watchOf = (server: FakeApiServer) => eventually('the watch', () => server.watches[0]);
const requestOf = (server: FakeApiServer, path: string) =>
  eventually(path, () => server.requests.some((request) => request.path === path));

it('sends nothing while no worker with a pod is Active', async () => {
  const { pod: _, ...withoutPod } = buildWorker().spec;
  const { paths, watches } = await withPods({}, async (pods) => {
    pods.observe('done', buildWorker({ state: 'Done', done: 1 }));
    pods.observe('without', { ...buildWorker(), spec: withoutPod });
  });
  expect([paths, watches]).toEqual([[], []]);
});

it('ends its watch on shutdown', async () => {
  const { watches } = await withPods({ pods: [podNamed('a')] }, async (pods, server) => {
    pods.observe('a', workerIn('a'));
    await watchOf(server);
  });
  await eventually('the end of the watch', () => watches.every(({ isClosed }) => isClosed));
});

describe('a watched pod that ends', () => {
  const records = [workerIn('first'), workerIn('second')];

  it('loses its worker, also one whose record comes after that', async () => {
    const { lost } = await withPods({ records, pods: [podNamed('alive')] }, async (pods, server) => {
      pods.observe('alive', workerIn('alive'));
      const watch = await watchOf(server);
      for (const name of ['second', 'first']) watch.send('ADDED', podNamed(name));
      await requestOf(server, `${PODS}/alive`);
      pods.observe('first', workerIn('first'));
      for (const name of ['second', 'first']) watch.send('DELETED', podNamed(name));
      await requestOf(server, `${PODS}/first`);
      pods.observe('second', workerIn('second'));
      await requestOf(server, `${PODS}/second`);
    });
    expect(lost).toEqual(['first', 'second']);
  });

  it('is looked for by the Job that the watch has named', async () => {
    const owner = { apiVersion: 'batch/v1', kind: 'Job', name: 'batch', uid: 'job-1', controller: true };
    const job = { metadata: { name: 'batch', uid: 'job-1' } };
    const { lost, paths } = await withPods({ records, pods: [podNamed('alive')], job }, async (pods, server) => {
      pods.observe('alive', workerIn('alive'));
      const watch = await watchOf(server);
      await requestOf(server, `${PODS}/alive`);
      pods.observe('first', workerIn('first'));
      watch.send('ADDED', podNamed('first', { ownerReferences: [owner] }));
      watch.send('DELETED', podNamed('first', { ownerReferences: [owner] }));
      await requestOf(server, '/apis/batch/v1/namespaces/jobs/jobs/batch');
    });
    expect(lost).toEqual([]);
    expect(paths).not.toContain('/apis/batch/v1/namespaces/jobs/jobs/first');
  });
});

describe('a pod that is not watched', () => {
  const soon = { intervalMs: 20 };
  const times = ({ requests }: FakeApiServer, path: string) => requests.filter((one) => one.path === path).length;

  it('is looked for again and again while it lives, until its worker has finished', async () => {
    const { lost } = await withPods(
      { pods: [podNamed('alive')] },
      async (pods, server) => {
        pods.observe('alive', workerIn('alive'));
        await eventually('three looks', () => times(server, `${PODS}/alive`) >= 3);
        pods.observe('alive', undefined);
        const watch = await watchOf(server);
        await eventually('the end of the watch', () => watch.isClosed);
      },
      soon,
    );
    expect(lost).toEqual([]);
  });

  it('is looked for no more once its worker is reported, until the policy changes', async () => {
    const records = [workerIn('gone'), workerIn('alive')];
    let workerPolicy: WorkerPolicy = 'Keep';
    const { lost, paths } = await withPods(
      { records, pods: [podNamed('alive')] },
      async (pods, server) => {
        for (const name of ['gone', 'alive']) pods.observe(name, workerIn(name));
        await eventually('many looks for the other', () => times(server, `${PODS}/alive`) >= 10);
        expect(times(server, `${PODS}/gone`)).toBe(1);
        workerPolicy = 'Release';
        await eventually('the release', () => server.requests.some(({ method }) => method === 'PATCH'));
        pods.observe('gone', undefined);
      },
      { ...soon, waitGroup: () => buildWaitGroup({ spec: { workerPolicy } }) },
    );
    expect(lost).toEqual(['gone', 'gone']);
    expect(paths.filter((path) => path.endsWith('/events'))).toHaveLength(2);
  });

  it('is looked for in a list if its namespace has many of them', async () => {
    const names = Array.from({ length: 21 }, (_, index) => `pod-${index}`);
    const [gone = '', ...alive] = names;
    const { lost, paths } = await withPods(
      { records: names.map(workerIn), pods: alive.map((name) => podNamed(name)) },
      async (pods, server) => {
        for (const name of names) pods.observe(name, workerIn(name));
        await requestOf(server, '/api/v1/namespaces/jobs/events');
      },
    );
    expect(lost).toEqual([gone]);
    expect(paths.filter((path) => path.startsWith(PODS))).toEqual([PODS, `${PODS}/${gone}`]);
  });
});
