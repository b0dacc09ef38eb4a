// A scripted group, and a client that counts on it. Time stands still until `outcomeOf` lets it pass.
import { onTestFinished, vi } from 'vitest';
import type { Counted, CountOptions } from '../../../../client/src/wait-group/counting/counting-call.ts';
import { Counting } from '../../../../client/src/wait-group/counting/counting-queue.ts';
import { ScriptedGroup } from './scripted-group.ts';

/** `random` decides each backoff: the middle of its window unless said otherwise. */
export function newCountedGroup(random = () => 0.5, counter = 5) {
  vi.useFakeTimers();
  onTestFinished(() => {
    vi.useRealTimers();
  });
  const group = new ScriptedGroup(counter);
  const counting = new Counting(group, { namespace: 'jobs', by: 'worker', random });
  const add = (delta: number, options: CountOptions = {}) => counting.count('batch', { delta }, options);
  const fail = (delta: number, options: CountOptions = {}, message = 'disk full') =>
    counting.fail('batch', { message, delta }, options);
  return { group, counting, add, fail, done: (options?: CountOptions) => add(-2, options) };
}

/** The counter that each call resolves with, or its error, once all timers have fired. */
export async function outcomesOf(...calls: readonly Promise<Counted>[]): Promise<string[]> {
  const outcomes = calls.map((call) =>
    call.then(
      ({ group: { status }, wasRepeated }) => `${wasRepeated ? 'repeated' : 'counted'}: ${status?.counter}`,
      ({ name, message }: Error) => `${name}: ${message}`,
    ),
  );
  await vi.runAllTimersAsync();
  return Promise.all(outcomes.map((outcome) => Promise.race([outcome, 'pending'])));
}

/** What a call resolves with, once all timers have fired. */
export async function resultOf<T>(call: Promise<T>): Promise<T> {
  await vi.runAllTimersAsync();
  return call;
}

export const outcomeOf = async (call: Promise<Counted>) => (await outcomesOf(call))[0];
