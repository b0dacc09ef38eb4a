import { EventRecorder, type EventRecorderOptions } from '@konductor/operator';
import { afterEach, expect, it, vi } from 'vitest';
import { buildWaitGroup } from '../../schema/wait-groups.ts';
import { eventually } from '../../support/waiting/eventually.ts';
import { captureLog } from '../captured-logger.ts';
import { type FakeApiServer, type FakeResponse, rejection, startFakeApiServer } from '../fake-api-server.ts';

const COMPLETED = { type: 'Normal', reason: 'Completed', message: 'All 3 completed' } as const;

afterEach(() => {
  vi.restoreAllMocks();
});

function recorderTo({ transport }: FakeApiServer, options: Partial<EventRecorderOptions> = {}): EventRecorder {
  return new EventRecorder({ transport, logger: captureLog().logger, instance: 'pod-1', ...options });
}

/** Records one Event on a server that sends these responses, and flushes. */
async function record(...responses: FakeResponse[]) {
  // No time between the attempts.
  vi.spyOn(Math, 'random').mockReturnValue(0);
  await using server = await startFakeApiServer(() => (responses.length > 1 ? responses.shift() : responses[0]) ?? {});
  const { logger, lines } = captureLog();
  const recorder = recorderTo(server, { logger });
  recorder.record(buildWaitGroup(), COMPLETED);
  await recorder.flush();
  return { requests: server.requests, lines };
}

it('publishes an Event about the WaitGroup, in its namespace, as client-go does', async () => {
  const { requests, lines } = await record({ code: 201 });
  expect(requests).toMatchObject([
    {
      method: 'POST',
      path: '/api/v1/namespaces/jobs/events',
      query: { fieldManager: 'konductor-operator' },
      body: {
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { name: expect.stringMatching(/^batch\.[0-9a-f]+$/), namespace: 'jobs' },
        involvedObject: {
          apiVersion: 'konductor.io/v1',
          kind: 'WaitGroup',
          name: 'batch',
          namespace: 'jobs',
          uid: 'uid-1',
        },
        ...COMPLETED,
        source: { component: 'konductor-operator', host: 'pod-1' },
        reportingComponent: 'konductor-operator',
        reportingInstance: 'pod-1',
        count: 1,
      },
    },
  ]);
  expect(lines).toEqual([]);
});

it('publishes eight at once, in order', async () => {
  const responses: (() => void)[] = [];
  await using server = await startFakeApiServer(
    () => new Promise((resolve) => responses.push(() => resolve({ code: 201 }))),
  );
  const recorder = recorderTo(server);
  for (let index = 0; index < 20; index++) recorder.record(buildWaitGroup(), { ...COMPLETED, message: `${index}` });
  const isSent = (total: number) => eventually(`${total} requests`, () => responses.length >= total);
  await isSent(8);
  expect(responses).toHaveLength(8);
  for (let index = 0; index < 20; index++) {
    await isSent(index + 1);
    responses[index]?.();
  }
  await recorder.flush();
  const messages = server.requests.map(({ body }) => Number((body as { message: string }).message));
  expect(messages.slice(0, 8).toSorted((a, b) => a - b)).toEqual(Array.from({ length: 8 }, (_, index) => index));
  expect(new Set(messages).size).toBe(20);
});

it('gives Events with the same dedupe key the same name, whichever instance records them', async () => {
  await using server = await startFakeApiServer(() => ({ code: 201 }));
  const record = async (instance: string, dedupeKey?: string) => {
    const recorder = recorderTo(server, { instance });
    recorder.record(buildWaitGroup(), { ...COMPLETED, ...(dedupeKey && { dedupeKey }) });
    await recorder.flush();
  };
  await record('pod-1', '2026-01-02T04:00:00.000Z');
  await record('pod-2', '2026-01-02T04:00:00.000Z');
  await record('pod-2', '2026-01-02T04:00:01.000Z');
  await record('pod-2');
  const names = server.requests.map(({ body }) => (body as { metadata: { name: string } }).metadata.name);
  expect(names[0]).toMatch(/^batch\.[0-9a-f]{16}$/);
  expect(names[1]).toBe(names[0]);
  expect(new Set(names).size).toBe(3);
  expect(server.requests[0]?.body).not.toHaveProperty('dedupeKey');
});

it('accepts that an Event already exists', async () => {
  const { requests, lines } = await record(rejection(409, 'AlreadyExists'));
  expect(requests).toHaveLength(1);
  expect(lines).toEqual([]);
});

it('drops Events while its queue is full, with a warning each', async () => {
  const { promise, resolve } = Promise.withResolvers<FakeResponse>();
  await using server = await startFakeApiServer(() => promise);
  const { logger, lines } = captureLog();
  const recorder = recorderTo(server, { logger, maxQueued: 3 });
  const [sent, queued, dropped] = [8, 3, 2];
  for (let index = 0; index < sent + queued + dropped; index++) recorder.record(buildWaitGroup(), COMPLETED);
  expect(lines.map(({ message }) => message)).toEqual(Array(dropped).fill('publishing an Event failed'));
  resolve({ code: 201 });
  await recorder.flush();
  expect(server.requests).toHaveLength(sent + queued);
});

it('retries while the API server fails', async () => {
  const { requests, lines } = await record(rejection(503, 'ServiceUnavailable'), rejection(429, 'TooManyRequests'), {});
  expect(requests).toHaveLength(3);
  expect(lines).toEqual([]);
});

it('retries no sooner than the API server asks for', async () => {
  const { code = 429, body } = rejection(429, 'TooManyRequests');
  const startedAt = performance.now();
  const { requests } = await record({ code, body: { ...body, details: { retryAfterSeconds: 1 } } }, {});
  expect(requests).toHaveLength(2);
  // A timer may be early by a fraction of a millisecond.
  expect(performance.now() - startedAt).toBeGreaterThan(990);
});

it.each([
  ['after five attempts when the API server keeps failing', 500, 'InternalError', [5]],
  // The transport sends a request twice that a starting API server would reject.
  ['at once when it has no permission to create Events', 403, 'Forbidden', [1, 2]],
  ['at once when the namespace is gone', 404, 'NotFound', [1]],
])('gives up %s, with a warning', async (_when, code, reason, attempts) => {
  const { requests, lines } = await record(rejection(code, reason));
  expect(attempts).toContain(requests.length);
  const fields = { reason: 'Completed', namespace: 'jobs', name: 'batch', err: expect.any(Error) };
  expect(lines).toEqual([{ level: 'warn', message: 'publishing an Event failed', fields }]);
});
