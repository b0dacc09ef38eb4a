import { describe, expect, it } from 'vitest';
import { heldJob, heldPod, type WorkloadParts } from './workloads.ts';

const KUEUE = 'kueue.x-k8s.io/admission-gated-by';
const OURS = { [KUEUE]: 'example.com/quota,konductor.io/after' };
const RELEASED = { 'konductor.io/released-at': 'then' };
const QUEUED = { 'kueue.x-k8s.io/queue-name': 'team' };
const finished = (type: string) => ({ conditions: [{ type, status: 'True' }] });
const suspended = { conditions: [{ type: 'Suspended', status: 'True' }] };

describe('a Job', () => {
  it.each<[string, WorkloadParts, string | undefined]>([
    ['is held by suspend', {}, 'suspend'],
    ['is held while its controller reports that it is suspended', { status: suspended }, 'suspend'],
    ['is not held if it is not suspended', { spec: { suspend: false } }, undefined],
    ['is not held after it was let go', { annotations: { 'konductor.io/released-at': 'then' } }, undefined],
    ['is not held once it is complete', { status: finished('Complete') }, undefined],
    ['is not held once it has failed', { status: finished('Failed') }, undefined],
    ['is not held while it is being deleted', { metadata: { deletionTimestamp: 'now' } }, undefined],
    ["is held by Kueue's annotation", { annotations: OURS, labels: QUEUED }, 'kueue'],
  ])('%s', (_what, parts, hold) => {
    expect(heldJob(parts).hold).toBe(hold);
  });

  it.each<[string, WorkloadParts, boolean]>([
    ['that is held was held', {}, false],
    ['that runs since its creation was never held', { spec: {} }, true],
    ['that somebody resumed may have been held', { spec: {}, metadata: { generation: 2 } }, false],
    ['that has finished is of no interest', { spec: {}, status: finished('Complete') }, false],
  ])('%s', (_what, parts, wasNeverHeld) => {
    expect(heldJob(parts).wasNeverHeld).toBe(wasNeverHeld);
  });

  it.each<[string, WorkloadParts, boolean]>([
    ['that is held is not suspended again', {}, false],
    ['that runs after it was let go is not', { annotations: RELEASED, spec: {} }, false],
    ['that was let go can be suspended again', { annotations: RELEASED }, true],
    [
      'that was let go and has finished is of no interest',
      { annotations: RELEASED, status: finished('Failed') },
      false,
    ],
    ['that was let go is suspended by Kueue as Kueue likes', { annotations: RELEASED, labels: QUEUED }, false],
  ])('%s', (_what, parts, isSuspendedAgain) => {
    expect(heldJob(parts).isSuspendedAgain).toBe(isSuspendedAgain);
  });

  it('is cached in a few hundred bytes', () => {
    const large = { 'example.com/large': 'x'.repeat(100_000) };
    expect(JSON.stringify(heldJob({ annotations: large, labels: large })).length).toBeLessThan(500);
  });
});

describe('a pod', () => {
  it.each<[string, WorkloadParts, string | undefined]>([
    ['is held by its gate', {}, 'gate'],
    ['is not held without a gate', { spec: {} }, undefined],
    ['is not held while it is being deleted', { metadata: { deletionTimestamp: 'now' } }, undefined],
  ])('%s', (_what, parts, hold) => {
    expect(heldPod(parts).hold).toBe(hold);
  });
});
