import { ConflictError, WaitGroupApi } from '@konductor/client';
import { applyDecision, CompletionClock, type Decision, EventRecorder } from '@konductor/operator';
import { expect, it } from 'vitest';
import { buildStatus, buildWaitGroup } from '../../schema/wait-groups.ts';
import { captureLog } from '../captured-logger.ts';
import { type FakeAnswer, refusal, startFakeApiServer } from '../fake-api-server.ts';

const COMPLETED_AT = '2026-01-02T03:59:00.000Z';
const group = buildWaitGroup({ status: buildStatus({ counter: 0, added: 1, completions: 1 }) });
const event = { type: 'Normal', reason: 'Completed', message: 'Done.', occasion: COMPLETED_AT } as const;
const write: Decision = {
  kind: 'write',
  status: { ...buildStatus({ counter: 0, added: 1, completions: 1 }), completedAt: COMPLETED_AT },
  events: [event],
};
const remove: Decision = { kind: 'delete', events: [{ ...event, reason: 'Expired' }] };

/** Carries the decision out against a server that answers so, and takes every Event. */
async function apply(decision: Decision, answer: FakeAnswer = {}) {
  await using server = await startFakeApiServer(({ method }) => (method === 'POST' ? {} : answer));
  const events = new EventRecorder({ transport: server.transport, logger: captureLog().logger, instance: 'pod-1' });
  const completions = new CompletionClock();
  const api = new WaitGroupApi(server.transport, 'konductor-operator');
  const outcome = await applyDecision(group, decision, { api, events, completions }).then(
    (isWritten) => (isWritten ? 'applied' : 'nothing written'),
    (error: unknown) => error,
  );
  await events.flush();
  return { outcome, requests: server.requests, completions };
}
const methods = ({ requests }: Awaited<ReturnType<typeof apply>>) => requests.map(({ method }) => method);

it('writes the status on the state that was judged, then the Event', async () => {
  const applied = await apply(write, { body: group });
  expect(applied.outcome).toBe('applied');
  expect(methods(applied)).toEqual(['PUT', 'POST']);
  expect(applied.requests[0]).toMatchObject({
    path: '/apis/konductor.io/v1/namespaces/jobs/waitgroups/batch/status',
    query: { fieldManager: 'konductor-operator', fieldValidation: 'Strict' },
    body: { ...group, status: write.status },
  });
});

it('deletes the state that was judged and no other, then tells it', async () => {
  const applied = await apply(remove);
  expect(methods(applied)).toEqual(['DELETE', 'POST']);
  expect(applied.requests[0]).toMatchObject({
    path: '/apis/konductor.io/v1/namespaces/jobs/waitgroups/batch',
    body: { preconditions: { uid: 'uid-1', resourceVersion: '7' } },
  });
});

it('sends nothing when nothing is to be done', async () => {
  const applied = await apply({ kind: 'none', requeueAfterMs: 5 });
  expect([applied.outcome, ...methods(applied)]).toEqual(['nothing written']);
});

it.each([
  ['write', write],
  ['delete', remove],
])('throws when the group has changed meanwhile, and tells nothing: %s', async (_kind, decision) => {
  const applied = await apply(decision, refusal(409, 'Conflict'));
  expect(applied.outcome).toBeInstanceOf(ConflictError);
  expect(methods(applied)).not.toContain('POST');
});

it.each([
  ['write', write],
  ['delete', remove],
])('takes a group that is gone for settled, and tells nothing: %s', async (_kind, decision) => {
  const applied = await apply(decision, refusal(404, 'NotFound'));
  expect(applied.outcome).toBe('nothing written');
  expect(methods(applied)).not.toContain('POST');
});

it('remembers by the monotonic clock the completion that it writes', async () => {
  const { completions } = await apply(write, { body: group });
  expect(completions.sinceCompletionMs('uid-1', COMPLETED_AT)).toBeGreaterThanOrEqual(0);
});

it('remembers nothing of a completion that was refused', async () => {
  const { completions } = await apply(write, refusal(409, 'Conflict'));
  expect(completions.sinceCompletionMs('uid-1', COMPLETED_AT)).toBeUndefined();
});
