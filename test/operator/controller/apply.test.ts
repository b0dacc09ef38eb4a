import { ConflictError, WaitGroupApi } from '@konductor/client';
import { applyDecision, type Decision, EventRecorder } from '@konductor/operator';
import { expect, it } from 'vitest';
import { buildStatus, buildWaitGroup } from '../../schema/wait-groups.ts';
import { captureLog } from '../captured-logger.ts';
import { type FakeResponse, rejection, startFakeApiServer } from '../fake-api-server.ts';

const COMPLETED_AT = '2026-01-02T03:59:00.000Z';
const group = buildWaitGroup({ status: buildStatus({ counter: 0, added: 1, completions: 1 }) });
const event = { type: 'Normal', reason: 'Completed', message: 'Done.', dedupeKey: COMPLETED_AT } as const;
const write: Decision = {
  kind: 'write',
  status: { ...buildStatus({ counter: 0, added: 1, completions: 1 }), completedAt: COMPLETED_AT },
  events: [event],
};
const remove: Decision = { kind: 'delete', events: [{ ...event, reason: 'Expired' }] };

/** Carries the decision out on a server that sends this response, and accepts every Event. */
async function apply(decision: Decision, response: FakeResponse = {}) {
  await using server = await startFakeApiServer(({ method }) => (method === 'POST' ? {} : response));
  const events = new EventRecorder({ transport: server.transport, logger: captureLog().logger, instance: 'pod-1' });
  const api = new WaitGroupApi(server.transport, 'konductor-operator');
  const outcome = await applyDecision(group, decision, { api, events }).then(
    (isWritten) => (isWritten ? 'applied' : 'nothing written'),
    (error: unknown) => error,
  );
  await events.flush();
  return { outcome, requests: server.requests };
}
const methods = ({ requests }: Awaited<ReturnType<typeof apply>>) => requests.map(({ method }) => method);

it('writes the status on the state that was reconciled, then the Event', async () => {
  const applied = await apply(write, { body: group });
  expect(applied.outcome).toBe('applied');
  expect(methods(applied)).toEqual(['PUT', 'POST']);
  expect(applied.requests[0]).toMatchObject({
    path: '/apis/konductor.io/v1/namespaces/jobs/waitgroups/batch/status',
    query: { fieldManager: 'konductor-operator', fieldValidation: 'Strict' },
    body: { ...group, status: write.status },
  });
});

it('deletes only the state that was reconciled, then publishes the Event', async () => {
  const applied = await apply(remove);
  expect(methods(applied)).toEqual(['DELETE', 'POST']);
  expect(applied.requests[0]).toMatchObject({
    path: '/apis/konductor.io/v1/namespaces/jobs/waitgroups/batch',
    body: { preconditions: { uid: 'uid-1', resourceVersion: '7' } },
  });
});

it('sends no request when there is nothing to do', async () => {
  const applied = await apply({ kind: 'none', requeueAfterMs: 5 });
  expect([applied.outcome, ...methods(applied)]).toEqual(['nothing written']);
});

it.each([
  ['write', write],
  ['delete', remove],
])('throws when the WaitGroup has changed meanwhile, and publishes no Event: %s', async (_kind, decision) => {
  const applied = await apply(decision, rejection(409, 'Conflict'));
  expect(applied.outcome).toBeInstanceOf(ConflictError);
  expect(methods(applied)).not.toContain('POST');
});

it.each([
  ['write', write],
  ['delete', remove],
])('accepts that the WaitGroup is already deleted, and publishes no Event: %s', async (_kind, decision) => {
  const applied = await apply(decision, rejection(404, 'NotFound'));
  expect(applied.outcome).toBe('nothing written');
  expect(methods(applied)).not.toContain('POST');
});
