import { EventRecorder } from '@konductor/operator';
import { afterEach, expect, it, vi } from 'vitest';
import { buildWaitGroup } from '../schema/wait-groups.ts';
import { eventually } from '../support/eventually.ts';
import { captureLog } from './captured-logger.ts';
import { type FakeAnswer, refusal, startFakeApiServer } from './fake-api-server.ts';

const COMPLETED = { type: 'Normal', reason: 'Completed', message: 'All 3 that were added are done' } as const;

afterEach(() => {
  vi.restoreAllMocks();
});

/** Records one Event against a server that answers so, and flushes. */
async function record(...answers: FakeAnswer[]) {
  // No time between the attempts.
  vi.spyOn(Math, 'random').mockReturnValue(0);
  await using server = await startFakeApiServer(() => (answers.length > 1 ? answers.shift() : answers[0]) ?? {});
  const { logger, lines } = captureLog();
  const recorder = new EventRecorder(server.transport, logger, 'pod-1');
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

it('publishes one after the other, in order', async () => {
  const { promise, resolve } = Promise.withResolvers<FakeAnswer>();
  await using server = await startFakeApiServer(() => promise);
  const recorder = new EventRecorder(server.transport, captureLog().logger, 'pod-1');
  const messages = ['first', 'second', 'third'];
  for (const message of messages) recorder.record(buildWaitGroup(), { ...COMPLETED, message });
  await eventually(() => server.requests.length > 0, { what: 'the first request' });
  expect(server.requests).toHaveLength(1);
  resolve({ code: 201 });
  await recorder.flush();
  expect(server.requests.map(({ body }) => body)).toMatchObject(messages.map((message) => ({ message })));
});

it('tries again while the API server fails', async () => {
  const { requests, lines } = await record(refusal(503, 'ServiceUnavailable'), refusal(429, 'TooManyRequests'), {});
  expect(requests).toHaveLength(3);
  expect(lines).toEqual([]);
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
