import { describe, expect, it, vi } from 'vitest';
import { newCountedGroup, outcomeOf } from './counted-group.ts';
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
import { all, beforeIt, change, onGet, onPut, onWatch, reject, type Script } from './scripts.ts';

const short = { timeoutMs: 1_000 };
const unknown = 'UnknownOutcomeError: waitgroup "batch": a change of -2 was sent, but its outcome is unknown';
const unchanged = (why: string, after = '1s') =>
  `TimedOutError: waitgroup "batch": timed out after ${after}: ${why}; nothing was changed`;
const silent = 'the API server did not respond';
const others = 'other writers kept changing it';
const aborted = 'AbortedError: aborted; nothing was changed';

const lasting =
  (ms: number): Fault =>
  (carryOut) =>
    new Promise((resolve) => setTimeout(resolve, ms)).then(carryOut);

/** What happens to the requests, how the call ends after a second, and the requests that it sent. */
type Row = [sentence: string, script: Script, outcome: string, requests: string];

describe('a call whose time runs out', () => {
  const landed = onPut(landThen(lost));
  const pause = onPut(landThen(rejection(429, 60)));
  const [unread, rejectedLook] = [onGet(pass, swallow), onGet(pass, reject(429, 60))];
  const overtaken = all(beforeIt(change(1)), onPut(reject(429, 60)));
  const lostAfterChange = beforeIt(change(1), fail(lost));
  it.each<Row>([
    ['changed nothing when nobody responds to its read', onGet(swallow), unchanged(silent), 'GET'],
    [
      'changed nothing when a look shows that its write was rejected, and says why it was',
      onPut(reject(429, 60)),
      unchanged(`${silent}: rejected with 429`),
      'GET PUT GET',
    ],
    ['is unknown when its write is in flight', onPut(swallow), unknown, 'GET PUT'],
    ['is unknown when its write was lost', all(landed, onPut(swallow)), `${unknown}: connection reset`, 'GET PUT PUT'],
    [
      'is unknown while its write is settled',
      all(landed, onWatch(swallow)),
      `${unknown}: connection reset`,
      'GET PUT PUT WATCH',
    ],
    [
      'is unknown when its write was rejected, and not read since',
      all(onPut(sendTwice()), unread),
      unknown,
      'GET PUT GET',
    ],
    [
      'is unknown when its write was too many, and not read since',
      all(onPut(landThen(rejection(429))), unread),
      `${unknown}: rejected with 429`,
      'GET PUT GET',
    ],
    [
      'is unknown when the look before a long pause fails',
      all(pause, rejectedLook),
      `${unknown}: rejected with 429`,
      'GET PUT GET',
    ],
    ['was counted when the look before a pause that outlasts it shows so', pause, 'counted: 3', 'GET PUT GET'],
    [
      'blames the API server when that failed after other writers had come first',
      overtaken,
      unchanged(`${silent}: rejected with 429`),
      'GET PUT GET PUT GET',
    ],
    [
      'changed nothing when the watch shows so, and no read of the group succeeds after it',
      all(lostAfterChange, unread),
      unchanged(others),
      'GET PUT PUT WATCH GET',
    ],
  ])('%s', async (_, script, outcome, requests) => {
    const { group, done } = newCountedGroup();
    script(group);
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
    const outcome = unchanged(`${silent}: connection refused`, '40ms');
    expect(await outcomeOf(done({ timeoutMs: 40 }))).toBe(outcome);
    expect(group.requests.join(' ')).toBe('GET PUT');
  });

  it('blames other writers when they always came first', async () => {
    const { group, done } = newCountedGroup(() => 0.999);
    group.plan('GET', fail(lost));
    all(...Array<Script>(100).fill(beforeIt(change(1), lasting(20))))(group);
    expect(await outcomeOf(done(short))).toBe(unchanged(others));
    expect(group.landed).toEqual([]);
  });
});

describe('a call that its caller aborts', () => {
  it('changed nothing when it was aborted before', async () => {
    const { group, done } = newCountedGroup();
    expect(await outcomeOf(done({ signal: AbortSignal.abort() }))).toBe(aborted);
    expect(group.requests).toEqual([]);
  });

  it.each([
    ['changed nothing during its read', onGet, aborted],
    ['is unknown during its write', onPut, unknown],
  ])('%s', async (_, on, outcome) => {
    const { group, done } = newCountedGroup();
    const controller = new AbortController();
    on(firstDo(() => controller.abort(), swallow))(group);
    expect(await outcomeOf(done({ signal: controller.signal }))).toBe(outcome);
  });

  it('names the value of a set', async () => {
    const { group, counting } = newCountedGroup();
    group.plan('PUT', swallow);
    const set = counting.set('batch', 9, short);
    expect(await outcomeOf(set.then(({ group }) => ({ group, wasRepeated: false })))).toBe(
      unknown.replace('of -2', 'to 9'),
    );
  });
});

describe('a call that has ended', () => {
  it.each([
    ['was counted', pass],
    ['failed', reject(403)],
  ])('leaves no timer behind when it %s', async (_, fault) => {
    const { group, done } = newCountedGroup();
    group.plan('PUT', fault);
    const call = done({ timeoutMs: 60_000 }).catch(() => {});
    await vi.advanceTimersByTimeAsync(0);
    await call;
    expect(vi.getTimerCount()).toBe(0);
  });
});

it('keeps off for five times what its first rejected write took, in the middle, however long the read before it took', async () => {
  const { group, done } = newCountedGroup();
  const readAt: number[] = [];
  const read: Fault = (carryOut) => {
    readAt.push(performance.now());
    return lasting(10)(carryOut);
  };
  const startedAt = performance.now();
  group.plan('GET', fail(lost), read, read);
  beforeIt(change(1), lasting(16))(group);
  await outcomeOf(done());
  // After the delay of a failed read: 50 ms; then 10 ms for the read, 16 ms for the write, and half of 80 ms.
  expect(readAt.map((at) => at - startedAt)).toEqual([50, 116]);
});
