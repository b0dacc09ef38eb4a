import { WorkQueue } from '@konductor/operator';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

const DAY_MS = 86_400_000;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Processes keys at once and records when; `requeues` are the delays that the first runs ask for. */
function startQueue(...requeues: number[]) {
  const startedAt = performance.now();
  const processed: [string, number][] = [];
  const process = async (key: string) => {
    processed.push([key, performance.now() - startedAt]);
    return { requeueAfterMs: requeues.shift() };
  };
  return { queue: new WorkQueue({ process, concurrency: 2 }), processed };
}

const pass = (ms = 0) => vi.advanceTimersByTimeAsync(ms);

describe('addAfter', () => {
  it.each([0, 1, 1_000, 20 * DAY_MS, 30 * DAY_MS, 365 * DAY_MS])(
    'adds a key after %d ms, not before',
    async (delayMs) => {
      const { queue, processed } = startQueue();
      queue.addAfter('a', delayMs);
      await pass(Math.max(delayMs - 1, 0));
      expect(processed).toHaveLength(delayMs === 0 ? 1 : 0);
      await pass(1);
      expect(processed).toEqual([['a', delayMs]]);
    },
  );

  it.each([
    ['the earlier one comes first', [100, 500]],
    ['the earlier one comes last', [500, 100]],
  ])('uses only the earlier of two delays for one key when %s', async (_when, delays) => {
    const { queue, processed } = startQueue();
    for (const delayMs of delays) queue.addAfter('a', delayMs);
    await pass(1_000);
    expect(processed).toEqual([['a', 100]]);
  });

  it('delays different keys independently', async () => {
    const { queue, processed } = startQueue();
    queue.addAfter('a', 300);
    queue.addAfter('b', 200);
    await pass(1_000);
    expect(processed).toEqual([
      ['b', 200],
      ['a', 300],
    ]);
  });

  it('does not delay a key that is added meanwhile', async () => {
    const { queue, processed } = startQueue();
    queue.addAfter('a', 300);
    queue.add('a');
    await pass(1_000);
    expect(processed).toEqual([
      ['a', 0],
      ['a', 300],
    ]);
  });

  it('is cancelled by forget', async () => {
    const { queue, processed } = startQueue();
    queue.addAfter('a', 100);
    queue.forget('a');
    await pass(1_000);
    expect(processed).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('requeueAfterMs', () => {
  it('requeues a key after each delay that its run asks for, and not again without one', async () => {
    const { queue, processed } = startQueue(100, 30 * DAY_MS);
    queue.add('a');
    await pass(365 * DAY_MS);
    expect(processed).toEqual([
      ['a', 0],
      ['a', 100],
      ['a', 100 + 30 * DAY_MS],
    ]);
  });

  it('does not delay a key that is added meanwhile', async () => {
    const { queue, processed } = startQueue(300);
    queue.add('a');
    await pass(100);
    queue.add('a');
    await pass(1_000);
    expect(processed.map(([, at]) => at)).toEqual([0, 100, 300]);
  });
});

describe('stop', () => {
  it('processes running and waiting keys, drops delayed ones, and leaves no timer', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const keys: string[] = [];
    const process = (key: string) => {
      keys.push(key);
      return promise;
    };
    const queue = new WorkQueue({ process, concurrency: 1 });
    queue.add('running');
    queue.add('waiting');
    queue.addAfter('later', 1_000);
    await pass();
    queue.add('running');
    let hasStopped = false;
    const stopping = queue.stop().then(() => {
      hasStopped = true;
    });
    await pass(5_000);
    expect(hasStopped).toBe(false);
    expect(keys).toEqual(['running']);
    resolve();
    await stopping;
    expect(keys).toEqual(['running', 'waiting', 'running']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('accepts no more keys, and does not requeue one that fails during the stop', async () => {
    const { promise, reject } = Promise.withResolvers<void>();
    const process = vi.fn(() => promise);
    const queue = new WorkQueue({ process, concurrency: 1 });
    queue.add('a');
    await pass();
    const stopping = queue.stop();
    reject(new Error('rejected'));
    await stopping;
    queue.add('b');
    queue.addAfter('c', 10);
    await pass(100_000);
    expect(process).toHaveBeenCalledTimes(1);
  });
});
