import { type HoldFields, holdOfJob, holdOfPod, holdTermsOf, otherKueueGates } from '@konductor/schema';
import { describe, expect, it } from 'vitest';

const KUEUE = 'kueue.x-k8s.io/admission-gated-by';
const suspended = { suspend: true };
const gatedBy = (gates: string) => ({ metadata: { annotations: { [KUEUE]: gates } } });
const queued = { metadata: { labels: { 'kueue.x-k8s.io/queue-name': 'team' } } };
const gates = (...names: string[]) => ({ metadata: {}, spec: { schedulingGates: names.map((name) => ({ name })) } });

describe('a Job', () => {
  it.each<[string, HoldFields, string | undefined]>([
    ['is held by suspend', { metadata: {}, spec: suspended }, 'suspend'],
    ['is not held if it is not suspended', { metadata: {}, spec: { suspend: false } }, undefined],
    ["is held by Kueue's annotation", { ...gatedBy('a.b/c,konductor.io/after'), spec: suspended }, 'kueue'],
    ["is held by Kueue's annotation with spaces", gatedBy('a.b/c, konductor.io/after'), 'kueue'],
    ['of Kueue is not held by suspend, which is not ours', { ...queued, spec: suspended }, undefined],
    ['is not held by gates of others', gatedBy('a.b/c'), undefined],
    ['is not held by a list without end', gatedBy(`konductor.io/after,${'x'.repeat(1_024)}`), undefined],
  ])('%s', (_what, job, hold) => {
    expect(holdOfJob(job)).toBe(hold);
  });
});

describe('a pod', () => {
  it.each<[string, HoldFields, string | undefined]>([
    ['is held by its gate among others', gates('a.b/c', 'konductor.io/after'), 'gate'],
    ['is not held by gates of others', gates('a.b/c'), undefined],
    ['is not held without a gate', { metadata: {} }, undefined],
  ])('%s', (_what, pod, hold) => {
    expect(holdOfPod(pod)).toBe(hold);
  });
});

it.each([
  [undefined, 1],
  ['0', 0],
  ['12', 12],
  ['-1', Number.NaN],
  ['1O', Number.NaN],
  ['', Number.NaN],
])('with min-added %j, an object needs %d', (text, minAdded) => {
  expect(holdTermsOf(text === undefined ? {} : { 'konductor.io/min-added': text }).minAdded).toBe(minAdded);
});

it('is let go after a failure, or without a WaitGroup, only if the object says so', () => {
  const terms = holdTermsOf({ 'konductor.io/on-failure': 'release', 'konductor.io/on-missing': 'hold' });
  expect(terms).toMatchObject({ isReleasedOnFailure: true, isReleasedOnMissing: false });
});

// Kueue accepts only entries that are written as before.
it.each([
  ['konductor.io/after', ''],
  ['a.b/c,konductor.io/after,d.e/f', 'a.b/c,d.e/f'],
  ['a.b/c, konductor.io/after, d.e/f', 'a.b/c, d.e/f'],
  ['a.b/konductor.io/after', 'a.b/konductor.io/after'],
])('of the gates %j stay %j', (all, others) => {
  expect(otherKueueGates(all)).toBe(others);
});
