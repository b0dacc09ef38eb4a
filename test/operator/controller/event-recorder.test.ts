import { EventRecorder, type EventRecorderOptions, type RecordedOccasion } from '@konductor/operator';
import { afterEach, expect, it, vi } from 'vitest';
import { buildWaitGroup } from '../../schema/wait-groups.ts';
import { eventually } from '../../support/waiting/eventually.ts';
import { captureLog } from '../captured-logger.ts';
import { type FakeAnswer, type FakeApiServer, refusal, startFakeApiServer } from '../fake-api-server.ts';

const COMPLETED = { type: 'Normal', reason: 'Completed', message: 'All 3 that were added are done' } as const;

afterEach(() => {
  vi.restoreAllMocks();
});

function recorderTo({ transport }: FakeApiServer, options: Partial<EventRecorderOptions> = {}): EventRecorder {
  return new EventRecorder({ transport, logger: captureLog().logger, instance: 'pod-1', ...options });
}

/** Records one Event against a server that answers so, and flushes. */
async function record(...answers: FakeAnswer[]) {
  // No time between the attempts.
  vi.spyOn(Math, 'random').mockReturnValue(0);
  await using server = await startFakeApiServer(() => (answers.length > 1 ? answers.shift() : answers[0]) ?? {});
  const { logger, lines } = captureLog();
  const recorder = recorderTo(server, { logger });
  recorder.record(buildWaitGroup(), COMPLETED);
  await recorder.flush();
  return { requests: server.requests, lines };
}

it('publishes an Event about the group, in its namespace, as client-go does', async () => {
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

/** Records so many Events, whose answers are left to the test. */
async function recordMany(count: number, options: Partial<EventRecorderOptions>) {
  const answers: (() => void)[] = [];
  const server = await startFakeApiServer(() => new Promise((resolve) => answers.push(() => resolve({ code: 201 }))));
  const recorder = recorderTo(server, options);
  for (let index = 0; index < count; index++)
    recorder.record(buildWaitGroup(), { ...COMPLETED, message: `message ${index}` });
  const sent = (total: number) => eventually(() => answers.length >= total, { what: `${total} requests` });
  const end = async () => {
    await recorder.flush();
    await server[Symbol.asyncDispose]();
  };
  return { server, answers, sent, [Symbol.asyncDispose]: end };
}

it('publishes eight at once when there is nothing else to do', async () => {
  await using recorded = await recordMany(20, {});
  await recorded.sent(8);
  expect(recorded.answers).toHaveLength(8);
  for (let index = 0; index < 20; index++) {
    await recorded.sent(index + 1);
    recorded.answers[index]?.();
  }
});

it('holds them back while there is other work, and publishes them as soon as that is done', async () => {
  const isBusy = vi.fn(() => true);
  await using recorded = await recordMany(8, { isBusy, holdMs: 600_000 });
  await eventually(() => isBusy.mock.calls.length > 10, { what: 'its looking again' });
  expect(recorded.answers).toEqual([]);
  isBusy.mockReturnValue(false);
  await recorded.sent(8);
  for (const answer of recorded.answers) answer();
});

it('holds them back no longer than so, then publishes one after the other, in order', async () => {
  const startedAt = performance.now();
  await using recorded = await recordMany(20, { isBusy: () => true, holdMs: 200 });
  for (let index = 0; index < 20; index++) {
    await recorded.sent(index + 1);
    expect(recorded.answers).toHaveLength(index + 1);
    recorded.answers[index]?.();
  }
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(200);
  const messages = recorded.server.requests.map(({ body }) => (body as RecordedOccasion).message);
  expect(messages).toEqual(Array.from({ length: 20 }, (_, index) => `message ${index}`));
});

it('holds nothing back when it is to end', async () => {
  await using server = await startFakeApiServer(() => ({ code: 201 }));
  const recorder = recorderTo(server, { isBusy: () => true, holdMs: 600_000 });
  recorder.record(buildWaitGroup(), COMPLETED);
  recorder.record(buildWaitGroup(), COMPLETED);
  await recorder.flush();
  expect(server.requests).toHaveLength(2);
});

it('gives the same Event of one occasion the same name, whoever records it', async () => {
  await using server = await startFakeApiServer(() => ({ code: 201 }));
  const record = async (instance: string, occasion?: string) => {
    const recorder = recorderTo(server, { instance });
    recorder.record(buildWaitGroup(), { ...COMPLETED, ...(occasion && { occasion }) });
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
  expect(server.requests[0]?.body).not.toHaveProperty('occasion');
});

it('takes an Event that is there already for published', async () => {
  const { requests, lines } = await record(refusal(409, 'AlreadyExists'));
  expect(requests).toHaveLength(1);
  expect(lines).toEqual([]);
});

it('drops what is recorded while too many are waiting, with a line in the log', async () => {
  const { promise, resolve } = Promise.withResolvers<FakeAnswer>();
  await using server = await startFakeApiServer(() => promise);
  const { logger, lines } = captureLog();
  const recorder = recorderTo(server, { logger, mostWaiting: 3 });
  const [areSent, wait, areDropped] = [8, 3, 2];
  for (let index = 0; index < areSent + wait + areDropped; index++) recorder.record(buildWaitGroup(), COMPLETED);
  expect(lines.map(({ message }) => message)).toEqual(Array(areDropped).fill('event was not published'));
  resolve({ code: 201 });
  await recorder.flush();
  expect(server.requests).toHaveLength(areSent + wait);
});

it('tries again while the API server fails', async () => {
  const { requests, lines } = await record(refusal(503, 'ServiceUnavailable'), refusal(429, 'TooManyRequests'), {});
  expect(requests).toHaveLength(3);
  expect(lines).toEqual([]);
});

it('tries again no sooner than the API server asks for', async () => {
  const { code = 429, body } = refusal(429, 'TooManyRequests');
  const startedAt = performance.now();
  const { requests } = await record({ code, body: { ...body, details: { retryAfterSeconds: 1 } } }, {});
  expect(requests).toHaveLength(2);
  // A timer may be early by a fraction of a millisecond.
  expect(performance.now() - startedAt).toBeGreaterThan(990);
});

it.each([
  ['after five attempts when the API server keeps failing', 500, 'InternalError', [5]],
  // The transport tries twice what a starting API server would refuse.
  ['at once when it may not write Events', 403, 'Forbidden', [1, 2]],
  ['at once when the namespace is gone', 404, 'NotFound', [1]],
])('gives up %s, with a line in the log', async (_when, code, reason, attempts) => {
  const { requests, lines } = await record(refusal(code, reason));
  expect(attempts).toContain(requests.length);
  const fields = { reason: 'Completed', namespace: 'jobs', name: 'batch', err: expect.any(Error) };
  expect(lines).toEqual([{ level: 'warn', message: 'event was not published', fields }]);
});
