// The guarantees of the queue in any order of events: a scheduler decides when keys are added, runs end and time passes.
import { type Requeue, WorkQueue } from '@konductor/operator';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

type Action =
  | { readonly kind: 'add'; readonly key: string }
  | { readonly kind: 'addAfter'; readonly key: string; readonly ms: number }
  | { readonly kind: 'pass'; readonly ms: number }
  | { readonly kind: 'stop' };

/** What happened, in order. */
type Entry =
  | { readonly what: 'added' | 'started' | 'succeeded'; readonly key: string }
  | { readonly what: 'failed'; readonly key: string; readonly delayMs: number }
  | { readonly what: 'stopping' | 'stopped' };

const BACKOFF = { initialMs: 5, maxMs: 40, random: () => 1 };
const ALL_DELAYS_MS = 1_000;

const key = fc.constantFrom('a', 'b', 'c');
const ms = fc.nat({ max: 50 });
const action = fc.oneof<fc.Arbitrary<Action>[]>(
  fc.record({ kind: fc.constant('add'), key }),
  fc.record({ kind: fc.constant('add'), key }),
  fc.record({ kind: fc.constant('addAfter'), key, ms }),
  fc.record({ kind: fc.constant('pass'), ms }),
);
const outcome = fc.oneof(fc.constant<Requeue>({}), fc.record({ requeueAfterMs: ms }), fc.constant('failure' as const));
const scenario = fc.record({
  scheduler: fc.scheduler(),
  concurrency: fc.integer({ min: 1, max: 3 }),
  actions: fc.array<Action>(action, { maxLength: 12 }),
  /** The outcomes of runs in the order in which they end; later runs succeed. */
  outcomes: fc.array(outcome, { maxLength: 12 }),
});
type Scenario = typeof scenario extends fc.Arbitrary<infer T> ? T : never;

/** Plays a scenario until nothing is left to do. */
async function play({ scheduler, concurrency, actions, outcomes }: Scenario): Promise<Entry[]> {
  const log: Entry[] = [];
  const left = [...outcomes];
  const process = async (key: string): Promise<Requeue> => {
    log.push({ what: 'started', key });
    await scheduler.schedule(Promise.resolve(), `the run of ${key}`);
    const result = left.shift() ?? {};
    if (result === 'failure') throw new Error(result);
    log.push({ what: 'succeeded', key });
    return result;
  };
  const onRetry = (key: string, _error: unknown, delayMs: number) => log.push({ what: 'failed', key, delayMs });
  const queue = new WorkQueue({ process, concurrency, backoff: BACKOFF, observer: { onRetry } });
  for (const action of actions)
    void scheduler.schedule(Promise.resolve(), JSON.stringify(action)).then(() => act(queue, action, log));
  await scheduler.waitIdle();
  while (vi.getTimerCount() > 0) {
    vi.advanceTimersByTime(ALL_DELAYS_MS);
    await scheduler.waitIdle();
  }
  return log;
}

async function act(queue: WorkQueue, action: Action, log: Entry[]): Promise<void> {
  switch (action.kind) {
    case 'add':
      log.push({ what: 'added', key: action.key });
      return queue.add(action.key);
    case 'addAfter':
      return queue.addAfter(action.key, action.ms);
    case 'pass':
      return void vi.advanceTimersByTime(action.ms);
    case 'stop':
      log.push({ what: 'stopping' });
      await queue.stop();
      log.push({ what: 'stopped' });
  }
}

const keysOf = (log: readonly Entry[], what: Entry['what']) =>
  new Set(log.flatMap((entry) => (entry.what === what && 'key' in entry ? [entry.key] : [])));
const about = (log: readonly Entry[], key: string) => log.filter((entry) => 'key' in entry && entry.key === key);

/** The largest number of runs at once, of all keys or of one. */
function mostAtOnce(log: readonly Entry[]): number {
  let running = 0;
  let most = 0;
  for (const { what } of log) {
    if (what === 'started') running++;
    else if (what === 'succeeded' || what === 'failed') running--;
    most = Math.max(most, running);
  }
  return most;
}

const property = (check: (log: readonly Entry[], played: Scenario) => void, isStopped = false) =>
  fc.assert(
    fc.asyncProperty(scenario, async (drawn) => {
      const played = isStopped ? { ...drawn, actions: [...drawn.actions, { kind: 'stop' as const }] } : drawn;
      check(await play(played), played);
    }),
    { numRuns: 300 },
  );

it('never has two runs of one key at once, nor more runs than allowed', () =>
  property((log, { concurrency }) => {
    for (const key of keysOf(log, 'started')) expect(mostAtOnce(about(log, key))).toBe(1);
    expect(mostAtOnce(log)).toBeLessThanOrEqual(concurrency);
  }));

it('loses no key: after the last add of each one a run begins, and its last run succeeds', () =>
  property((log) => {
    for (const key of keysOf(log, 'added')) {
      const own = about(log, key).map(({ what }) => what);
      expect(own.lastIndexOf('started')).toBeGreaterThan(own.lastIndexOf('added'));
      expect(own.at(-1)).toBe('succeeded');
    }
  }));

it('forgets the backoff of a key with its success', () =>
  property((log) => {
    for (const key of keysOf(log, 'failed')) {
      let expectedMs = BACKOFF.initialMs;
      for (const entry of about(log, key)) {
        if (entry.what === 'succeeded') expectedMs = BACKOFF.initialMs;
        if (entry.what !== 'failed') continue;
        expect(entry.delayMs).toBe(expectedMs);
        expectedMs = Math.min(expectedMs * 2, BACKOFF.maxMs);
      }
    }
  }));

it('runs every key that was added before the stop, and nothing afterwards', () =>
  property((log) => {
    const before = log.slice(
      0,
      log.findIndex(({ what }) => what === 'stopping'),
    );
    const stopped = log.findIndex(({ what }) => what === 'stopped');
    expect(log.slice(stopped + 1).filter(({ what }) => what !== 'added')).toEqual([]);
    expect(count(log, 'started')).toBe(count(log, 'succeeded') + count(log, 'failed'));
    for (const key of keysOf(before, 'added')) {
      const lastAdd = before.findLastIndex((entry) => entry.what === 'added' && entry.key === key);
      const lastStart = log.findLastIndex((entry) => entry.what === 'started' && entry.key === key);
      expect(lastStart).toBeGreaterThan(lastAdd);
    }
  }, true));

const count = (log: readonly Entry[], what: Entry['what']) => log.filter((entry) => entry.what === what).length;
