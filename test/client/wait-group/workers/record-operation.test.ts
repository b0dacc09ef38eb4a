import {
  AbortedError,
  ConflictError,
  Deadline,
  ForbiddenError,
  TooManyRequestsError,
  UnavailableError,
} from '@konductor/client';
import type { WaitGroupWorker, WorkerOperation } from '@konductor/schema';
import { describe, expect, it } from 'vitest';
import { recordOperation } from '../../../../client/src/wait-group/workers/record-operation.ts';
import { type Fault, GROUP, ScriptedRecords } from './scripted-records.ts';

const POD = { name: 'worker-a', uid: 'uid-a' };
const TWIN = { name: 'worker-b', uid: 'uid-b' };

function record(api: ScriptedRecords, operation: Partial<WorkerOperation>, timeoutMs?: number) {
  const whole = { kind: 'add', id: 'op-1', worker: 'w', pod: POD, round: 0, ...operation } as const;
  const context = { group: GROUP, deadline: new Deadline(timeoutMs), onRetry: undefined };
  return recordOperation({ api, group: GROUP, operation: whole }, context).finally(() => context.deadline.release());
}

const lost = () => new UnavailableError('reset', { mayHaveArrived: true });
const unsent = () => new UnavailableError('refused', { mayHaveArrived: false });
const fail =
  (error: () => Error): Fault =>
  () => {
    throw error();
  };
const landThen =
  (error: () => Error): Fault =>
  (carryOut) => {
    carryOut();
    throw error();
  };
const denied = () => new ForbiddenError(403, {});

describe('recordOperation', () => {
  it.each<[string, Fault, string]>([
    ['it succeeds at once', (carryOut) => carryOut(), 'get create'],
    ['its response is lost', landThen(lost), 'get create get'],
    ['it did not arrive', fail(unsent), 'get create get create'],
    ['nobody knows whether it arrived', fail(lost), 'get create get create'],
    ['a copy of it came first', landThen(() => new ConflictError(409, {})), 'get create get'],
    ['the server has too much to do', fail(() => new TooManyRequestsError(429, {})), 'get create get create'],
  ])('records an add once when %s', async (_, fault, requests) => {
    const api = new ScriptedRecords().plan('create', fault);
    const { outcome, record: recorded } = await record(api, {});
    expect(outcome).toBe('recorded');
    expect(recorded).toEqual(api.stored('w'));
    expect(recorded?.spec).toMatchObject({ added: 1, done: 0, state: 'Active', pod: POD, operation: 'op-1' });
    expect(api.requests.join(' ')).toBe(requests);
  });

  it('applies the table again to what another pod has stored meanwhile', async () => {
    const api = new ScriptedRecords();
    await record(api, {});
    const takeOver: Fault = async (carryOut) => {
      await record(api, { id: 'op-of-twin', pod: TWIN });
      return carryOut();
    };
    api.plan('patch', takeOver);
    expect(await record(api, { kind: 'done', id: 'op-2' })).toMatchObject({ outcome: 'otherPod' });
    expect(api.stored('w')?.spec).toMatchObject({ added: 1, done: 0, state: 'Active', pod: TWIN });
  });

  it('begins a new record when the operator deletes the old one meanwhile', async () => {
    const api = new ScriptedRecords();
    await record(api, {});
    await record(api, { kind: 'done', id: 'op-2' });
    const retire: Fault = (carryOut) => {
      api.remove('w');
      return carryOut();
    };
    api.plan('patch', retire);
    await record(api, { id: 'op-3' });
    expect(api.stored('w')?.spec).toMatchObject({ added: 1, done: 0, state: 'Active' });
  });

  const unknown = 'waitgroup "batch": the add of worker "w" was sent, but its outcome is unknown';
  it.each<[string, readonly Fault[], string, string]>([
    ['it is denied', [fail(denied)], 'ForbiddenError', ''],
    ['it is denied after it did not arrive', [fail(unsent), fail(denied)], 'ForbiddenError', ''],
    ['it is denied after a lost response', [fail(lost), fail(denied)], 'UnknownOutcomeError', unknown],
    [
      'its caller aborts it in flight',
      [fail(() => new AbortedError('aborted', { mayHaveArrived: true }))],
      'UnknownOutcomeError',
      unknown,
    ],
    ['its caller aborts it before', [fail(() => new AbortedError('aborted'))], 'AbortedError', 'aborted'],
  ])('says what is known when %s', async (_, faults, name, message) => {
    const api = new ScriptedRecords().plan('create', ...faults);
    await expect(record(api, {})).rejects.toMatchObject({ name, message: expect.stringContaining(message) });
  });

  it('knows that a lost write can never take effect once another one has come first', async () => {
    const api = new ScriptedRecords();
    const { metadata, spec } = (await record(api, {})).record as WaitGroupWorker;
    const overtaken: Fault = () => {
      api.store(metadata.name, { ...spec, pod: TWIN });
      throw lost();
    };
    api.plan('patch', overtaken, fail(denied));
    await expect(record(api, { kind: 'release', id: 'op-2', pod: undefined })).rejects.toBeInstanceOf(ForbiddenError);
    expect(api.requests.slice(-4)).toEqual(['get', 'patch', 'get', 'patch']);
  });
});
