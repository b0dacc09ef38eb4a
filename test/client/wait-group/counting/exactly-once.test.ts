import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newCountedGroup, outcomesOf } from './counted-group.ts';
import {
  type Fault,
  fail,
  landThen,
  lost,
  pass,
  rejection,
  type ScriptedGroup,
  sendTwice,
  swallow,
  unsent,
} from './scripted-group.ts';

/** Each call has digits of its own, so that the sum of the amounts of all writes shows how often each was counted. */
const AMOUNTS = [100, 10_000, 1_000_000];
/** Enough for every failure to lower the counter. */
const START = 100_000_000;
const timeoutMs = fc.constantFrom(undefined, undefined, 100, 700);
const isFailure = fc.boolean();

/** The write takes effect although its connection broke before. */
const landLate: Fault = (carryOut) => {
  setTimeout(() => {
    try {
      carryOut();
    } catch {
      // Another write came first.
    }
  }, 30);
  throw lost;
};

/** What happens to a write, with so many changes by others before and after it. */
const writeFault = fc.record({
  fault: fc.constantFrom<(work: () => unknown) => Fault>(
    () => pass,
    () => fail(lost),
    () => fail(unsent),
    () => fail(rejection(429)),
    () => landLate,
    () => swallow,
    sendTwice,
    (work) => landThen(lost, work),
    (work) => landThen(rejection(429), work),
    (work) => landThen(rejection(503), work),
  ),
  before: fc.constantFrom(0, 0, 0, 2, 20),
  after: fc.constantFrom(0, 0, 2, 20),
});
const readFaults = fc.array(fc.constantFrom(pass, pass, fail(lost), fail(rejection(429, 1))), { maxLength: 6 });
const settleFaults = fc.array(fc.constantFrom(pass, fail(lost), fail(rejection(410)), fail(rejection(503))), {
  maxLength: 4,
});

describe('any calls, whatever happens to their requests', () => {
  it('are counted exactly as their outcomes say', async () => {
    const scripts = fc.record({
      reads: readFaults,
      writes: fc.array(writeFault, { maxLength: 6 }),
      watches: settleFaults,
      timeouts: fc.tuple(timeoutMs, timeoutMs, timeoutMs),
      areFailures: fc.tuple(isFailure, isFailure, isFailure),
      compactedBefore: fc.constantFrom(0, 0, 102, 125),
      random: fc.double({ min: 0, max: 0.999, noNaN: true }),
    });
    await fc.assert(
      fc.asyncProperty(scripts, async ({ reads, writes, watches, timeouts, areFailures, compactedBefore, random }) => {
        const { group, add, fail: report } = newCountedGroup(() => random, START);
        group.compactedBefore = compactedBefore;
        group.plan('GET', ...reads);
        group.plan('PUT', ...writes.map((write) => surrounded(group, write)));
        group.plan('WATCH', ...watches);
        const call = (amount: number, index: number) => {
          const options = { timeoutMs: timeouts[index] };
          return areFailures[index] ? report(-amount, options, String(amount)) : add(amount, options);
        };
        const outcomes = await outcomesOf(...AMOUNTS.map(call));
        const sum = group.landed.reduce((total, delta) => total + Math.abs(delta), 0);
        const counts = AMOUNTS.map((amount) => Math.floor(sum / amount) % 100);
        const verdicts = outcomes.map((outcome, index) => isTrue(outcome, counts[index] ?? 0) || [outcome, sum]);
        expect(verdicts).toEqual([true, true, true]);
        const failures = AMOUNTS.filter((_, index) => areFailures[index] && counts[index] === 1);
        expect(failures.map(String)).toEqual(expect.arrayContaining([...group.failures]));
        expect(group.failures).toHaveLength(Math.min(failures.length, 1));
      }),
      { numRuns: 300 },
    );
  });
});

function surrounded(
  group: ScriptedGroup,
  { fault, before, after }: { fault: (work: () => unknown) => Fault; before: number; after: number },
): Fault {
  return (carryOut) => {
    group.churn(before);
    return fault(() => group.churn(after))(carryOut);
  };
}

/** A call may be pending only when its write is, which nobody responds to, and it has no deadline. */
function isTrue(outcome: string, counted: number): boolean {
  if (outcome.startsWith('counted: ')) return counted === 1;
  if (outcome.startsWith('UnknownOutcomeError')) return counted <= 1;
  return outcome === 'pending' ? counted <= 1 : outcome.startsWith('TimedOutError') && counted === 0;
}
