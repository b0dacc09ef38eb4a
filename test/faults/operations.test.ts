// One operation through the proxy: what a fault does to it, what its caller learns, and what the API server counted.
import { type CountOptions, WaitGroupNotFoundError } from '@konductor/client';
import { afterEach, describe, expect, inject, it, vi } from 'vitest';
import { withEnoughTime } from '../support/waiting/with-enough-time.ts';
import type { Fault } from './fault-proxy.ts';
import { newFaultedGroup } from './faulted-group.ts';
import {
  carryOutAndRespond,
  carryOutAndSend,
  cutResponse,
  endInBand,
  firstDo,
  loseResponse,
  loseResponseAfter,
  pass,
  reject,
  resetBefore,
  sendAgainAfter,
  sendTwice,
  stall,
  swallow,
} from './faults.ts';
import { isList, isWatch, isWrite } from './request-kinds.ts';

const access = inject('controlPlane');

type Group = Awaited<ReturnType<typeof newFaultedGroup>>;
type Work = () => Promise<unknown>;
/** Plans faults for a WaitGroup with a counter of 5 (7 once it is recreated); returns options for the `done` of 2. */
type Script = (group: Group) => CountOptions | undefined;
/** The outcome is `counted`, or the name of the error; the counter is undefined where the WaitGroup is gone. */
type Row = readonly [sentence: string, script: Script, outcome: string, counter: number | undefined];

const short: Script = () => ({ timeoutMs: 1_500 });
const onRead = (...faults: Fault[]): Script => plan(({ proxy }) => proxy.onRead(...faults));
const onWrite = (...faults: Fault[]): Script => plan(({ proxy }) => proxy.onWrite(...faults));
const onWatch = (...faults: Fault[]): Script => plan(({ proxy }) => proxy.onWatch(...faults));
const onList = (...faults: Fault[]): Script => plan(({ proxy }) => proxy.onList(...faults));
/** The fault on the write, with work of others that it lets happen. */
const writeWith = (fault: (work: Work) => Fault, work: (group: Group) => Promise<unknown>): Script =>
  plan((group) => group.proxy.onWrite(fault(() => work(group))));
const write20 = (fault: (work: Work) => Fault): Script => writeWith(fault, ({ churn }) => churn(20));
const recreate = (group: Group) => group.recreate();
/** The API server keeps no past state: every watch and every read of the past comes too late. */
const forgetHistory = plan(({ proxy }) =>
  proxy.otherwise((request) => (isWatch(request) ? endInBand(410) : isList(request) ? reject(410) : undefined)),
);

function plan(script: (group: Group) => unknown): Script {
  return (group) => void script(group);
}

function all(...scripts: Script[]): Script {
  return (group) => scripts.map((script) => script(group)).find((options) => options !== undefined);
}

/** The caller aborts when the request is sent. */
function abortOn(on: (fault: Fault) => Script, fault: Fault): Script {
  const controller = new AbortController();
  return all(on(firstDo(async () => controller.abort(), fault)), () => ({ signal: controller.signal }));
}

const resetAfter = (work: Work) => firstDo(work, resetBefore);
const respondAfter =
  (code: number, headers = {}) =>
  (work: Work): Fault =>
  async (request) => {
    await request.forward();
    await work();
    await reject(code, headers)(request);
  };

async function expectRow(...[, script, outcome, counter]: Row): Promise<void> {
  const group = await newFaultedGroup(access, 5);
  const options = script(group);
  expect(await outcomeOf(group.client.done('batch', 2, options))).toBe(outcome);
  expect(await group.counter().catch(() => undefined)).toBe(counter);
}

async function outcomeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'counted';
  } catch (error) {
    const { name } = error as Error;
    return error instanceof WaitGroupNotFoundError ? `${name}: ${error.absence}` : name;
  }
}

describe('an operation whose response is lost', () => {
  it.each<Row>([
    ['the connection breaks after it', onWrite(loseResponse), 'counted', 3],
    ['half of the response arrives', onWrite(cutResponse), 'counted', 3],
    ['a proxy responds 500 for it', onWrite(carryOutAndRespond(500)), 'counted', 3],
    ['a proxy responds 503 for it', onWrite(carryOutAndRespond(503)), 'counted', 3],
    ['a proxy responds 429 for it', onWrite(carryOutAndRespond(429)), 'counted', 3],
    ['a proxy responds 409 for it', onWrite(carryOutAndRespond(409)), 'counted', 3],
    ['a proxy responds with a page for it', onWrite(carryOutAndSend('<html>')), 'counted', 3],
    ['a proxy responds with nothing for it', onWrite(carryOutAndSend('')), 'counted', 3],
    ['a proxy responds with other JSON for it', onWrite(carryOutAndSend('{}')), 'counted', 3],
    ['a proxy sends it twice', onWrite(sendTwice), 'counted', 3],
    ['the connection breaks before it arrives', all(onRead(resetBefore), onWrite(resetBefore)), 'counted', 3],
    ['a proxy responds 500 before it arrives', all(onRead(reject(500)), onWrite(reject(500))), 'counted', 3],
    ['a proxy responds 503 before it arrives', all(onRead(reject(503)), onWrite(reject(503))), 'counted', 3],
    ['a proxy responds 429 before it arrives', all(onRead(reject(429)), onWrite(reject(429))), 'counted', 3],
    [
      'it is lost again and again',
      all(onWrite(loseResponse, loseResponse, loseResponse), onWatch(resetBefore, reject(503))),
      'counted',
      3,
    ],
    [
      'a proxy responds 429, with a pause longer than its time',
      all(
        short,
        writeWith(respondAfter(429, { 'retry-after': '60' }), async () => {}),
      ),
      'counted',
      3,
    ],
  ])('is counted once when %s', expectRow);
});

describe('a failure that changes no counter', () => {
  it.each<[string, Script]>([
    ['the connection breaks after it', onWrite(loseResponse)],
    ['the connection breaks before it arrives', onWrite(resetBefore)],
    ['a proxy responds 409 for it', onWrite(carryOutAndRespond(409))],
    ['a proxy responds 429 for it', onWrite(carryOutAndRespond(429))],
    ['a proxy sends it twice', onWrite(sendTwice)],
    ['twenty changes come after it', write20(loseResponseAfter)],
    ['twenty changes come first', write20(resetAfter)],
  ])('is recorded once when %s', async (_, script) => {
    const group = await newFaultedGroup(access, 5);
    script(group);
    const { status } = (await group.client.fail('batch', { message: 'disk full' }, 0)).group;
    expect(status).toMatchObject({ counter: 5, failures: 1, failure: { message: 'disk full' } });
    expect(status?.recentOperations?.[0]).toMatchObject({ delta: 0 });
    const deltas = (await group.direct.get('batch')).status?.recentOperations?.map(({ delta }) => delta);
    expect(deltas?.filter((delta) => delta === 0).length).toBeLessThanOrEqual(1);
  });
});

describe('an open operation', () => {
  it('is settled by the watch, and not written again, when twenty other changes push its record off the list', async () => {
    const { proxy, client, counter, churn } = await newFaultedGroup(access, 5);
    proxy.onWrite(loseResponseAfter(() => churn(20)));
    // The state right after the write, not the one twenty changes later: it is the watch that tells.
    expect((await client.done('batch', 2)).group.status).toMatchObject({
      counter: 3,
      recentOperations: [{ delta: -2 }],
    });
    expect(await counter()).toBe(3);
    expect(proxy.requests).toEqual(['GET group', 'PUT status', 'PUT status', 'GET watch']);
  });

  it.each<Row>([
    ['counted, although a proxy sent it twice and twenty changes came after it', write20(sendAgainAfter), 'counted', 3],
    ['counted, although a proxy said 429 and twenty changes came after it', write20(respondAfter(429)), 'counted', 3],
    ['counted, when the WaitGroup was recreated after it', writeWith(loseResponseAfter, recreate), 'counted', 7],
    [
      'not counted, when the WaitGroup was recreated first',
      writeWith(resetAfter, recreate),
      'WaitGroupNotFoundError: recreated',
      7,
    ],
    [
      'to be applied again, when another change came first',
      writeWith(resetAfter, ({ direct }) => direct.add('batch', 10)),
      'counted',
      13,
    ],
    ['to be applied again, when twenty changes came first', write20(resetAfter), 'counted', 3],
    [
      'rejected, when others leave too little before it is applied again',
      writeWith(resetAfter, ({ direct }) => direct.done('batch', 4)),
      'CounterRejectedError',
      1,
    ],
    [
      'to be applied again after a conflict and twenty changes, by an account that may neither watch nor list',
      all(write20(firstDo), onWatch(reject(403)), onList(reject(403))),
      'counted',
      3,
    ],
  ])('is known to be %s', expectRow);

  it.each([
    ['is too old for', endInBand(410)],
    ['is rejected at once as too old for', reject(410)],
    ['may not be used by the account for', reject(403)],
  ])('is settled by the list when the watch %s it', async (_, fault) => {
    const { proxy, client, direct, churn, counter } = await newFaultedGroup(access, 5);
    await direct.add('batch');
    // Its own record is then the last of the list, and that of its base has fallen off.
    const landed = loseResponseAfter(() => churn(14).then(() => direct.add('batch', 10)));
    const notLanded = resetAfter(() => direct.add('batch', 10));
    proxy.onWatch(fault, fault, fault, fault);
    proxy.onWrite(landed, pass, notLanded);
    await client.done('batch', 2);
    expect(await counter()).toBe(14);
    await client.done('batch', 2);
    expect(await counter()).toBe(22);
  });

  it.each<[string, (work: Work) => Fault]>([
    ['it landed', loseResponseAfter],
    ['it landed, and a second copy is rejected', sendAgainAfter],
    ['it did not land', resetAfter],
    ['another write came first', firstDo],
  ])('is settled by the history when the watch is too old and twenty changes came after it: %s', async (_, fault) => {
    const { proxy, client, direct, churn, counter } = await newFaultedGroup(access, 5);
    await direct.create({ name: 'other' });
    // Revisions that are not the group's own lie between the base and the first change after it.
    for (let n = 0; n < 9; n++) await direct.add('other');
    proxy.onWrite(fault(() => churn(20)));
    proxy.onWatch(reject(410));
    await client.done('batch', 2);
    expect(await counter()).toBe(3);
    expect(proxy.requests).toContain('GET list');
  });

  it('is settled by a second watch when the first is cut in the middle of a line', async () => {
    const { proxy, client, counter } = await newFaultedGroup(access, 5);
    proxy.onWrite(loseResponse);
    proxy.onWatch(cutResponse, endInBand(500));
    await client.done('batch', 2);
    expect(await counter()).toBe(3);
    expect(proxy.requests.filter((label) => label === 'GET watch')).toHaveLength(3);
  });
});

describe('an operation whose outcome cannot be known', () => {
  const open = (fault: Fault) => all(short, onWrite(fault, ...Array<Fault>(50).fill(reject(503))));
  const rejectedLater = (code: number) => onWrite(loseResponse, reject(code), reject(code));
  const rows: [string, Script, number | undefined][] = [
    ['it landed, twenty changes came after it and history is gone', all(write20(loseResponseAfter), forgetHistory), 3],
    ['it did not land, twenty changes came and history is gone', all(write20(resetAfter), forgetHistory), 5],
    ['a second copy is rejected, and history is gone', all(write20(sendAgainAfter), forgetHistory), 3],
    ['a later copy is not found', rejectedLater(404), 3],
    ['a later copy is forbidden', rejectedLater(403), 3],
    ['a later copy is invalid', rejectedLater(422), 3],
    [
      'a second copy is rejected, and time runs out before the WaitGroup is read',
      all(short, onWrite(sendTwice), onRead(pass, swallow)),
      3,
    ],
    [
      'a proxy responds 429, and time runs out before the WaitGroup is read',
      all(short, onWrite(carryOutAndRespond(429)), onRead(pass, swallow)),
      3,
    ],
    [
      'a proxy responds 429, and the caller aborts while it is settled',
      all(write20(respondAfter(429)), abortOn(onWatch, stall)),
      3,
    ],
    ['the settling watch is silent until its deadline', all(short, onWrite(loseResponse), onWatch(stall)), 3],
    ['the WaitGroup was deleted', writeWith(loseResponseAfter, ({ direct }) => direct.delete('batch')), undefined],
    ['the WaitGroup was recreated', all(writeWith(loseResponseAfter, recreate), onWatch(endInBand(410))), 7],
    ['it landed, and is open as time runs out', open(carryOutAndRespond(503)), 3],
    ['it did not land, and is open as time runs out', open(reject(503)), 5],
    ['it is on its way as time runs out', open(swallow), 5],
    ['the caller aborts while it is on its way', abortOn(onWrite, swallow), 5],
  ];
  it.each(rows)('is called unknown when %s', (sentence, script, counter) =>
    expectRow(sentence, script, 'UnknownOutcomeError', counter),
  );
});

describe('an operation that did not take effect', () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it.each<Row>([
    ['ends when the caller aborts before the write', abortOn(onRead, swallow), 'AbortedError', 5],
    [
      'is not found when the WaitGroup is deleted between its read and its write',
      writeWith(firstDo, ({ direct }) => direct.delete('batch')),
      'WaitGroupNotFoundError: deleted',
      undefined,
    ],
    [
      'is not found when the WaitGroup is recreated between its read and its write, and leaves the new one alone',
      writeWith(firstDo, recreate),
      'WaitGroupNotFoundError: recreated',
      7,
    ],
  ])('%s', expectRow);

  it.each<[string, Script]>([
    ['its write is rejected with 429', onWrite(reject(429, { 'retry-after': '60' }))],
    ['its read gets no response', onRead(swallow)],
  ])('times out, and reports that nothing was changed, when %s', async (_, script) => {
    await withEnoughTime(async ({ timeoutMs }) => {
      const group = await newFaultedGroup(access, 5);
      script(group);
      const done = group.client.done('batch', 2, { timeoutMs });
      await expect(done).rejects.toMatchObject({ name: 'TimedOutError', isServerUnavailable: true });
      await expect(done).rejects.toThrow('nothing was changed');
      expect(await group.counter()).toBe(5);
    });
  });

  it('times out when other writers always come first, the API server being available', async () => {
    const { proxy, client, direct } = await newFaultedGroup(access, 5);
    const comeFirst = firstDo(() => direct.add('batch'));
    proxy.otherwise((request) => (isWrite(request) ? comeFirst : undefined));
    // The longest backoff, so that time does not run out on a write that is on its way, whose outcome would be unknown.
    vi.spyOn(Math, 'random').mockReturnValue(0.999);
    await withEnoughTime(({ timeoutMs }) =>
      expect(client.done('batch', 2, { timeoutMs })).rejects.toMatchObject({
        name: 'TimedOutError',
        isServerUnavailable: false,
        message: expect.stringContaining('other writers kept changing it'),
      }),
    );
    const { counter, added } = (await direct.get('batch')).status ?? {};
    expect(counter).toBe(added);
  });
});
