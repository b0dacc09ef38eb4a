import { TooManyRequestsError } from '@konductor/client';
import { WorkQueue, type WorkQueueObserver } from '@konductor/operator';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** One call of `process`, which runs until the test ends it. */
interface Run {
  readonly key: string;
  readonly succeed: () => void;
  readonly fail: (error: Error) => void;
}

function startQueue({ concurrency = 2, observer = {} }: { concurrency?: number; observer?: WorkQueueObserver } = {}) {
  const runs: Run[] = [];
  const process = (key: string) =>
    new Promise<void>((resolve, reject) => {
      runs.push({ key, succeed: resolve, fail: reject });
    });
  const backoff = { initialMs: 100, maxMs: 400, random: () => 1 };
  return {
    queue: new WorkQueue({ process, concurrency, observer, backoff }),
    runs,
    keys: () => runs.map(({ key }) => key),
  };
}

/** Advances the clock, and runs everything that is due. */
const pass = (ms = 0) => vi.advanceTimersByTimeAsync(ms);

describe('a key', () => {
  it('is processed once when it is added again while it waits', async () => {
    const onAdd = vi.fn();
    const { queue, runs, keys } = startQueue({ concurrency: 1, observer: { onAdd } });
    for (const key of ['a', 'b', 'b', 'b']) queue.add(key);
    await pass();
    expect(keys()).toEqual(['a']);
    expect(queue.depth).toBe(1);
    expect(onAdd).toHaveBeenCalledTimes(2);
    runs[0]?.succeed();
    await pass();
    runs[1]?.succeed();
    await pass();
    expect(keys()).toEqual(['a', 'b']);
  });

  it('never overlaps itself, and is processed once more when it is added meanwhile', async () => {
    const { queue, runs, keys } = startQueue();
    queue.add('a');
    await pass();
    queue.add('a');
    queue.add('a');
    await pass();
    expect(keys()).toEqual(['a']);
    runs[0]?.succeed();
    await pass();
    expect(keys()).toEqual(['a', 'a']);
    runs[1]?.succeed();
    await pass();
    expect(keys()).toEqual(['a', 'a']);
    expect(queue.activeWorkers).toBe(0);
  });

  it('is not processed inside the call that adds it', () => {
    const { queue, runs } = startQueue();
    queue.add('a');
    expect(runs).toEqual([]);
  });
});

describe('several keys', () => {
  it('are processed in order of arrival, up to the concurrency at once', async () => {
    const { queue, runs, keys } = startQueue({ concurrency: 2 });
    for (const key of ['a', 'b', 'c', 'd']) queue.add(key);
    await pass();
    expect(keys()).toEqual(['a', 'b']);
    expect([queue.depth, queue.activeWorkers]).toEqual([2, 2]);
    runs[1]?.succeed();
    await pass();
    expect(keys()).toEqual(['a', 'b', 'c']);
  });
});

describe('a failed key', () => {
  const FAILURE = new Error('rejected');

  it('is requeued with a backoff that doubles up to its limit', async () => {
    const delays: number[] = [];
    const { queue, runs } = startQueue({ observer: { onRetry: (_key, _error, delayMs) => delays.push(delayMs) } });
    queue.add('a');
    for (const [index, delayMs] of [100, 200, 400, 400].entries()) {
      await pass();
      runs[index]?.fail(FAILURE);
      await pass(delayMs - 1);
      expect(runs).toHaveLength(index + 1);
      await pass(1);
      expect(runs).toHaveLength(index + 2);
    }
    expect(delays).toEqual([100, 200, 400, 400]);
  });

  it('starts again with the shortest backoff after a success', async () => {
    const { queue, runs } = startQueue();
    queue.add('a');
    await pass();
    runs[0]?.fail(FAILURE);
    await pass(100);
    runs[1]?.succeed();
    queue.add('a');
    await pass();
    runs[2]?.fail(FAILURE);
    await pass(100);
    expect(runs).toHaveLength(4);
  });

  /** Adds keys that fail until the returned function is called; counts the runs of each. */
  function startFailing(count: number) {
    let turn = 0;
    // Spread evenly.
    vi.spyOn(Math, 'random').mockImplementation(() => (count === 1 ? 0.5 : (turn++ * 0.618) % 1));
    onTestFinished(() => void vi.restoreAllMocks());
    let isOver = false;
    const runs: string[] = [];
    const process = async (key: string) => {
      runs.push(key);
      if (!isOver) throw FAILURE;
    };
    const delays: number[] = [];
    const observer: WorkQueueObserver = { onRetry: (_key, _error, delayMs) => delays.push(delayMs) };
    const queue = new WorkQueue({ process, concurrency: 16, observer });
    for (let key = 0; key < count; key++) queue.add(`key ${key}`);
    const end = () => {
      isOver = true;
      runs.length = 0;
    };
    return { runs, delays, end };
  }

  it('is requeued with full jitter below 5 ms at first and 3 s at last', async () => {
    const { delays } = startFailing(1);
    await pass(600_000);
    expect(delays.slice(0, 3)).toEqual([2.5, 5, 10]);
    expect(delays.slice(-2)).toEqual([1_500, 1_500]);
  });

  it.each([5_000, 60_000, 300_000])('succeeds within seconds after %d ms of failures, with all others', async (ms) => {
    const { runs, end } = startFailing(1_000);
    await pass(ms);
    end();
    await pass(5_000);
    expect(new Set(runs).size).toBe(1_000);
    expect(runs).toHaveLength(1_000);
  });

  it('is retried less often the more keys fail: about 20 runs a second in all', async () => {
    const { runs } = startFailing(1_000);
    await pass(600_000);
    runs.length = 0;
    await pass(600_000);
    expect(runs.length / 600).toBeLessThan(25);
  });

  it('is requeued no sooner than the API server asks for', async () => {
    const { queue, runs } = startQueue();
    queue.add('a');
    await pass();
    runs[0]?.fail(new TooManyRequestsError(429, { details: { retryAfterSeconds: 2 } }));
    await pass(1_999);
    expect(runs).toHaveLength(1);
    await pass(101);
    expect(runs).toHaveLength(2);
  });

  it('is processed at once, and once, by retryFailed', async () => {
    const { queue, runs, keys } = startQueue();
    queue.add('a');
    queue.add('b');
    await pass();
    runs[0]?.fail(FAILURE);
    runs[1]?.succeed();
    await pass();
    queue.retryFailed();
    await pass();
    expect(keys()).toEqual(['a', 'b', 'a']);
    runs[2]?.succeed();
    await pass(1_000);
    expect(keys()).toEqual(['a', 'b', 'a']);
  });

  it('does not delay other keys', async () => {
    const { queue, runs, keys } = startQueue({ concurrency: 1 });
    queue.add('a');
    queue.add('b');
    await pass();
    runs[0]?.fail(FAILURE);
    await pass();
    expect(keys()).toEqual(['a', 'b']);
  });

  it('is reported to the observer as a retry, not as a success', async () => {
    const calls: string[] = [];
    const { queue, runs } = startQueue({
      observer: {
        onAdd: () => calls.push('add'),
        onStart: () => calls.push('start'),
        onSuccess: () => calls.push('success'),
        onDone: () => calls.push('done'),
        onRetry: (key, error, delayMs) => calls.push(`retry ${key} ${error === FAILURE} ${delayMs}`),
      },
    });
    queue.add('a');
    await pass();
    runs[0]?.fail(FAILURE);
    await pass(100);
    runs[1]?.succeed();
    await pass();
    expect(calls).toEqual(['add', 'start', 'retry a true 100', 'done', 'add', 'start', 'success', 'done']);
  });
});
