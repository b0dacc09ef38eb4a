import { type Cause, type HoldVerdict, judgeHold } from '@konductor/operator';
import { failRound, type WaitGroup, type WaitGroupStatus } from '@konductor/schema';
import { describe, expect, it } from 'vitest';
import { buildStatus, buildWaitGroup, CREATED } from '../../schema/wait-groups.ts';
import { heldJob, heldPod, type WorkloadParts } from './workloads.ts';

const START_MS = Date.parse(CREATED);
const at = (seconds: number) => new Date(START_MS + seconds * 1_000);
const NOW = at(3_600);
const group = (status: Partial<WaitGroupStatus>, metadata: Partial<WaitGroup['metadata']> = {}) =>
  buildWaitGroup({ metadata, status: buildStatus(status) });
const annotated = (name: string, value: string): WorkloadParts => ({
  annotations: { [`konductor.io/${name}`]: value },
});

/** In a word: the cause of a release, the reason of an Event, or neither. */
const inAWord = (verdict: HoldVerdict): string =>
  verdict.kind === 'letGo' ? verdict.cause : (verdict.event?.reason ?? 'held');

const idle = { counter: 0, added: 0, completions: 0, addedAtCompletion: 0, failures: 0 } as const;
const waiting = { ...idle, counter: 2, added: 3 };
const done = { ...idle, added: 3, completions: 1, addedAtCompletion: 3, outcome: 'Succeeded' } as const;
const failing = { ...waiting, outcome: 'Failed', failures: 1 } as const;
const failed = { ...done, outcome: 'Failed', failures: 1 } as const;
const next = { ...waiting, added: 4, completions: 1, addedAtCompletion: 3 };

describe('a WaitGroup as it is', () => {
  it.each<[string, Partial<WaitGroupStatus>, WorkloadParts, Cause | string]>([
    ['with outstanding work', waiting, {}, 'held'],
    ['that is done', done, {}, 'Done'],
    ['to which nothing was ever added', idle, {}, 'held'],
    ['to which nothing was ever added, and min-added 0', idle, annotated('min-added', '0'), 'Done'],
    ['that is done with less than min-added', done, annotated('min-added', '4'), 'held'],
    ['that is done with min-added', done, annotated('min-added', '3'), 'Done'],
    ['that is done, and a min-added that is no number', done, annotated('min-added', 'three'), 'InvalidAnnotation'],
    ['whose round is failing', failing, {}, 'WaitGroupFailed'],
    ['whose round has failed', failed, {}, 'WaitGroupFailed'],
    ['whose round is failing, and on-failure release', failing, annotated('on-failure', 'release'), 'Failed'],
    ['whose round is failing, and on-failure hold', failing, annotated('on-failure', 'hold'), 'WaitGroupFailed'],
    ['in the round after a failed one', { ...next, failures: 1 }, {}, 'held'],
    ['that counts the Job itself', waiting, { labels: { 'konductor.io/counts-for': 'batch' } }, 'WaitsForItself'],
    ['while another counts the Job', waiting, { labels: { 'konductor.io/counts-for': 'other' } }, 'held'],
  ])('%s: %s', (_what, status, parts, expected) => {
    expect(inAWord(judgeHold(heldJob(parts), { current: group(status) }, NOW))).toBe(expected);
  });

  it.each([0, 1])('without a status and with an initial count of %d holds', (initialCount) => {
    const current = buildWaitGroup({ spec: { initialCount } });
    expect(inAWord(judgeHold(heldPod(), { current }, NOW))).toBe('held');
  });

  it('that is being deleted decides nothing', () => {
    const current = group(done, { deletionTimestamp: CREATED });
    expect(judgeHold(heldJob(), { current, previous: group(waiting) }, NOW)).toEqual({ kind: 'leave' });
  });
});

describe('a round between two states', () => {
  it.each<[string, Partial<WaitGroupStatus>, Partial<WaitGroupStatus>, string]>([
    ['that succeeded', waiting, next, 'Done'],
    ['of several that succeeded', waiting, { ...next, completions: 3 }, 'Done'],
    ['that did not end', waiting, { ...waiting, counter: 1 }, 'held'],
    ['that failed and was completed', waiting, { ...next, failures: 1 }, 'WaitGroupFailed'],
    ['that was failing and was completed', failing, { ...next, failures: 1 }, 'held'],
    ['that was failing, and one that succeeded', failing, { ...next, completions: 2, failures: 1 }, 'Done'],
    ['that succeeded, and one that is failing', waiting, { ...next, outcome: 'Failed', failures: 1 }, 'Done'],
    ['that failed, and one that is failing', failing, { ...next, outcome: 'Failed', failures: 2 }, 'WaitGroupFailed'],
    ['that failed before, with the present completion', failing, failed, 'WaitGroupFailed'],
    ['lost in a restore from a backup', { ...next, completions: 7 }, next, 'held'],
  ])('%s: %s', (_what, before, after, expected) => {
    const change = { previous: group(before), current: group(after) };
    expect(inAWord(judgeHold(heldJob(), change, NOW))).toBe(expected);
  });

  it('counts with what was added until then, not after', () => {
    const change = { previous: group(waiting), current: group({ ...next, added: 9 }) };
    expect(inAWord(judgeHold(heldJob(annotated('min-added', '4')), change, NOW))).toBe('held');
  });
});

describe('without a WaitGroup', () => {
  it.each<[number, WorkloadParts, string]>([
    [29, {}, 'held'],
    [29, annotated('on-missing', 'release'), 'held'],
    [30, {}, 'WaitGroupMissing'],
    [30, annotated('on-missing', 'hold'), 'WaitGroupMissing'],
    [30, annotated('on-missing', 'release'), 'Missing'],
    [30, { ...annotated('on-missing', 'release'), labels: { 'konductor.io/after': '' } }, 'WaitGroupMissing'],
  ])('after %d s, %o: %s', (seconds, parts, expected) => {
    expect(inAWord(judgeHold(heldJob(parts), { current: undefined }, at(seconds)))).toBe(expected);
  });

  it('is judged again when the time is up', () => {
    const verdict = judgeHold(heldJob(), { current: undefined, previous: group(done) }, at(10));
    expect(verdict).toEqual({ kind: 'leave', requeueAfterMs: 20_000 });
  });
});

describe('an object that nothing holds', () => {
  it.each<[string, WorkloadParts, number, string]>([
    ['is reported', { spec: {} }, 60, 'NotHeld'],
    ['is not reported when it is old', { spec: {} }, 601, 'held'],
    ['is not reported after it was resumed', { spec: {}, metadata: { generation: 2 } }, 60, 'held'],
  ])('%s', (_what, parts, seconds, expected) => {
    for (const object of [heldJob(parts), heldPod(parts)])
      expect(inAWord(judgeHold(object, { current: group(done) }, at(seconds)))).toBe(expected);
  });

  it('is reported when it was let go and is suspended again', () => {
    const job = heldJob({ annotations: { 'konductor.io/released-at': 'then' } });
    expect(inAWord(judgeHold(job, { current: group(done) }, at(9_999)))).toBe('SuspendedAgain');
  });
});

describe('the Events', () => {
  const eventOf = (verdict: HoldVerdict) => (verdict.kind === 'leave' ? verdict.event : undefined);
  const failure = { reason: 'DiskFull', message: 'no space left' };

  it('name the failure, and have another key for each failed round', () => {
    const round = (failures: number) => failRound(buildStatus({ ...waiting, failures }), failure, NOW);
    const [first, second] = [0, 1].map((failures) =>
      eventOf(judgeHold(heldJob(), { current: buildWaitGroup({ status: round(failures) }) }, NOW)),
    );
    expect(first?.message).toBe(
      'WaitGroup batch failed (DiskFull): no space left. The Job is held until a later round succeeds; ' +
        'konductor.io/on-failure: release lets it go',
    );
    expect(second?.dedupeKey).not.toBe(first?.dedupeKey);
  });

  it.each([
    [heldJob, 'Job', 'set spec.suspend: true'],
    [heldPod, 'Pod', 'add the scheduling gate konductor.io/after'],
  ])('say what to do', (build, kind, advice) => {
    expect(eventOf(judgeHold(build({ spec: {} }), { current: undefined }, at(1)))?.message).toBe(
      `Nothing holds the ${kind} with the label konductor.io/after: ${advice}, or apply hold.yaml (Helm: hold.enabled=true)`,
    );
  });
});
