import { describe, expect, it, vi } from 'vitest';
import { newCountedGroup, outcomeOf, outcomesOf } from './counted-group.ts';
import {
  type Fault,
  fail,
  firstDo,
  landThen,
  lost,
  pass,
  rejection,
  sendTwice,
  swallow,
  unsent,
} from './scripted-group.ts';

const short = { timeoutMs: 1_000 };
const tooMany = rejection(429);
const tooManyForAMinute = rejection(429, 60);
const unknown = 'UnknownOutcomeError: waitgroup "batch": a change of -2 was sent, but its outcome is unknown';
const timedOut = 'TimedOutError: waitgroup "batch": timed out after 1s';

const lasting =
  (ms: number): Fault =>
  (carryOut) =>
    new Promise((resolve) => setTimeout(resolve, ms)).then(carryOut);

interface Faults {
  readonly GET?: readonly Fault[];
  readonly PUT?: readonly Fault[];
  readonly WATCH?: readonly Fault[];
}

/** What happens to the requests, how the call ends after a second, and the requests that it sent. */
type Row = [sentence: string, faults: Faults, outcome: string, requests: string];

describe('a call whose time runs out', () => {
  it.each<Row>([
    [
      'changed nothing when its read is not answered',
      { GET: [swallow] },
      `${timedOut}: the API server did not respond; nothing was changed`,
      'GET',
    ],
    [
      'changed nothing when a look shows that its write was rejected, and says why it was',
      { PUT: [fail(tooManyForAMinute)] },
      `${timedOut}: the API server did not respond: rejected with 429; nothing was changed`,
      'GET PUT GET',
    ],
    ['is unknown when its write is in flight', { PUT: [swallow] }, unknown, 'GET PUT'],
    [
      'is unknown when its write was lost',
      { PUT: [landThen(lost), swallow] },
      `${unknown}: connection reset`,
      'GET PUT PUT',
    ],
    [
      'is unknown while its write is settled',
      { PUT: [landThen(lost)], WATCH: [swallow] },
      `${unknown}: connection reset`,
      'GET PUT PUT WATCH',
    ],
    [
      'is unknown when its write was rejected, and not read since',
      { PUT: [sendTwice()], GET: [pass, swallow] },
      unknown,
      'GET PUT GET',
    ],
    [
      'is unknown when its write was too many, and not read since',
      { PUT: [landThen(tooMany)], GET: [pass, swallow] },
      `${unknown}: rejected with 429`,
      'GET PUT GET',
    ],
    [
      'is unknown when the look before a long pause fails',
      { PUT: [landThen(tooManyForAMinute)], GET: [pass, fail(tooManyForAMinute)] },
      `${unknown}: rejected with 429`,
      'GET PUT GET',
    ],
  ])('%s', async (_, faults, outcome, requests) => {
    const { group, done } = newCountedGroup();
    for (const kind of ['GET', 'PUT', 'WATCH'] as const) group.plan(kind, ...(faults[kind] ?? []));
    expect(await outcomeOf(done(short))).toBe(outcome);
    expect(group.requests.join(' ')).toBe(requests);
  });

  it.each([
    ['is longer than its time', 700],
    ['is as long as its time', 400],
  ])('was counted when the look before a pause shows so that %s, less what has passed', async (_, pauseMs) => {
    const { group, done } = newCountedGroup();
    group.plan('GET', lasting(600));
    group.plan('PUT', landThen(rejection(429, pauseMs / 1_000)));
    expect(await outcomeOf(done(short))).toBe('counted: 3');
  });

  it('does not look for a write that was never sent', async () => {
    const { group, done } = newCountedGroup();
    group.plan('PUT', fail(unsent));
    const timedOutSoon = 'TimedOutError: waitgroup "batch": timed out after 40ms';
    expect(await outcomeOf(done({ timeoutMs: 40 }))).toBe(
      `${timedOutSoon}: the API server did not respond: connection refused; nothing was changed`,
    );
    expect(group.requests.join(' ')).toBe('GET PUT');
  });

  it('blames the API server when that failed after other writers had come first', async () => {
    const { group, done } = newCountedGroup();
    group.plan(
      'PUT',
      firstDo(() => group.change(1)),
      fail(tooManyForAMinute),
    );
    const reason = 'the API server did not respond: rejected with 429';
    expect(await outcomeOf(done(short))).toBe(`${timedOut}: ${reason}; nothing was changed`);
  });

  it('changed nothing when the watch shows so, and no read of the group succeeds after it', async () => {
    const { group, done } = newCountedGroup();
    group.plan(
      'PUT',
      firstDo(() => group.change(1), fail(lost)),
    );
    group.plan('GET', pass, swallow);
    expect(await outcomeOf(done(short))).toBe(`${timedOut}: other writers kept changing it; nothing was changed`);
  });

  it('was counted when the look before a pause that outlasts it shows so', async () => {
    const { group, done } = newCountedGroup();
    group.plan('PUT', landThen(tooManyForAMinute));
    expect(await outcomeOf(done(short))).toBe('counted: 3');
  });

  it('blames other writers when they always came first', async () => {
    const { group, done } = newCountedGroup(() => 0.999);
    group.plan('GET', fail(lost), ...Array<Fault>(100).fill(lasting(20)));
    group.plan('PUT', ...Array<Fault>(100).fill(firstDo(() => group.change(1))));
    expect(await outcomeOf(done(short))).toBe(`${timedOut}: other writers kept changing it; nothing was changed`);
    expect(group.landed).toEqual([]);
  });
});

describe('a call that its caller aborts', () => {
  it('changed nothing when it was aborted before', async () => {
    const { group, done } = newCountedGroup();
    expect(await outcomeOf(done({ signal: AbortSignal.abort() }))).toBe('AbortedError: aborted; nothing was changed');
    expect(group.requests).toEqual([]);
  });

  it.each<[string, 'GET' | 'PUT', string]>([
    ['changed nothing during its read', 'GET', 'AbortedError: aborted; nothing was changed'],
    ['is unknown during its write', 'PUT', unknown],
  ])('%s', async (_, kind, outcome) => {
    const { group, done } = newCountedGroup();
    const controller = new AbortController();
    group.plan(
      kind,
      firstDo(() => controller.abort(), swallow),
    );
    expect(await outcomeOf(done({ signal: controller.signal }))).toBe(outcome);
  });

  it('names the value of a set', async () => {
    const { group, counting } = newCountedGroup();
    group.plan('PUT', swallow);
    const set = counting.set('batch', 9, short).then(({ group }) => group);
    expect(await outcomesOf(set)).toEqual([
      'UnknownOutcomeError: waitgroup "batch": a change to 9 was sent, but its outcome is unknown',
    ]);
  });
});

describe('a call that has ended', () => {
  it.each([
    ['was counted', pass],
    ['failed', fail(rejection(403))],
  ])('leaves no timer behind when it %s', async (_, fault) => {
    const { group, done } = newCountedGroup();
    group.plan('PUT', fault);
    const call = done({ timeoutMs: 60_000 }).catch(() => {});
    await vi.advanceTimersByTimeAsync(0);
    await call;
    expect(vi.getTimerCount()).toBe(0);
  });
});

it('keeps off for three times what its attempt took, in the middle, when another writer came first', async () => {
  const { group, done } = newCountedGroup();
  const readAt: number[] = [];
  const read: Fault = (carryOut) => {
    readAt.push(performance.now());
    return lasting(10)(carryOut);
  };
  const startedAt = performance.now();
  group.plan('GET', fail(lost), read, read);
  group.plan(
    'PUT',
    firstDo(() => group.change(1)),
  );
  await outcomeOf(done());
  // After the delay of a failed read: 50 ms; then 10 ms for the attempt, and half of 30 ms.
  expect(readAt.map((at) => at - startedAt)).toEqual([50, 75]);
});
