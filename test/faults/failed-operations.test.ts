import { afterEach, describe, expect, inject, it, vi } from 'vitest';
import { withEnoughTime } from '../support/waiting/with-enough-time.ts';
import type { Fault } from './fault-proxy.ts';
import { newFaultedGroup } from './faulted-group.ts';
import { firstDo, reject, swallow } from './faults.ts';
import { isWrite } from './request-kinds.ts';

const access = inject('controlPlane');
const newGroup = () => newFaultedGroup(access, 5);
const short = { timeoutMs: 1_500 };

afterEach(() => {
  vi.restoreAllMocks();
});

describe('an operation that did not take effect', () => {
  it.each<[string, 'onRead' | 'onWrite', Fault]>([
    ['its write is refused with 429', 'onWrite', reject(429, { 'retry-after': '60' })],
    ['its read is not answered', 'onRead', swallow],
  ])('times out, and reports that nothing was changed, when %s', async (_, kind, fault) => {
    const { proxy, client, counter } = await newGroup();
    proxy[kind](fault);
    const done = client.done('batch', 2, short);
    await expect(done).rejects.toMatchObject({ name: 'TimedOutError', isServerUnavailable: true });
    await expect(done).rejects.toThrow('nothing was changed');
    expect(await counter()).toBe(5);
  });

  it('is found to have taken effect when a proxy returned 429, with a pause longer than its time', async () => {
    const { proxy, client, counter } = await newGroup();
    proxy.onWrite(async (request) => {
      await request.forward();
      await reject(429, { 'retry-after': '60' })(request);
    });
    expect((await client.done('batch', 2, short)).status?.counter).toBe(3);
    expect(await counter()).toBe(3);
  });

  it('times out when other writers always come first, the API server being there', async () => {
    const { proxy, client, direct } = await newGroup();
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

  it('ends with AbortedError when the caller aborts before the write', async () => {
    const { proxy, client, counter } = await newGroup();
    const controller = new AbortController();
    proxy.onRead(firstDo(async () => controller.abort(), swallow));
    const done = client.done('batch', 2, { signal: controller.signal });
    await expect(done).rejects.toMatchObject({ name: 'AbortedError' });
    expect(await counter()).toBe(5);
  });

  it('is not found when the group is deleted between its read and its write', async () => {
    const { proxy, client, direct } = await newGroup();
    proxy.onWrite(firstDo(() => direct.delete('batch')));
    const done = client.done('batch', 2);
    await expect(done).rejects.toMatchObject({ name: 'WaitGroupNotFoundError', absence: 'deleted' });
  });

  it('is not found when the group is recreated between its read and its write, and leaves the new one alone', async () => {
    const { proxy, client, recreate, counter } = await newGroup();
    proxy.onWrite(firstDo(recreate));
    const done = client.done('batch', 2);
    await expect(done).rejects.toMatchObject({
      name: 'WaitGroupNotFoundError',
      absence: 'recreated',
      lastStatus: { counter: 5 },
    });
    expect(await counter()).toBe(7);
  });
});
