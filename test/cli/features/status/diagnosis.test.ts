import type { RecordedEvent } from '@konductor/client';
import type { WaitGroupStatus } from '@konductor/schema';
import { describe, expect, it } from 'vitest';
import { diagnose } from '../../../../cli/src/features/status/diagnosis.ts';
import { buildStatus, buildWaitGroup, NOW, type WaitGroupParts } from '../../../schema/wait-groups.ts';

const ago = (seconds: number) => new Date(NOW.getTime() - seconds * 1_000).toISOString();
const MINUTE = 60;
const change = (seconds: number, delta: number, by = 'worker-3') => ({
  id: `op-${seconds}`,
  at: ago(seconds),
  delta,
  by,
});
/** A WaitGroup whose round began this many seconds ago. */
const waiting = (began: number, recentOperations: NonNullable<WaitGroupStatus['recentOperations']>): WaitGroupParts => {
  const status = buildStatus({ counter: 5, added: 10, observedGeneration: 1, recentOperations });
  const conditions = status.conditions?.map((condition) => ({ ...condition, lastTransitionTime: ago(began) }));
  return { status: { ...status, ...(conditions && { conditions }) } };
};
const completed = (seconds: number | undefined) =>
  buildStatus({
    added: 10,
    completions: 1,
    observedGeneration: 1,
    ...(seconds !== undefined && { completedAt: ago(seconds) }),
  });

const WAIT = 'koncli waitgroup wait batch -n jobs';
const PODS = 'kubectl get pods -n jobs';
const SET = 'koncli waitgroup set batch --counter N --reason WHY -n jobs';
const DOCTOR = 'koncli doctor batch -n jobs';
const DELETE = 'koncli waitgroup delete batch -n jobs';

interface Case {
  readonly group: WaitGroupParts;
  readonly state: string;
  readonly steps: readonly string[];
  readonly needsAttention?: boolean;
}

const CASES: Readonly<Record<string, Case>> = {
  'work in progress': {
    group: waiting(55 * MINUTE, [change(2 * MINUTE, -1), change(55 * MINUTE, 6)]),
    state: 'Waiting: 5 outstanding, 10 added in total; last change 2m ago by worker-3 (-1)',
    steps: [WAIT],
  },
  'work without progress': {
    group: waiting(55 * MINUTE, [
      change(12 * MINUTE, 4, 'coordinator'),
      change(40 * MINUTE, -1),
      change(55 * MINUTE, 2),
    ]),
    state:
      'Waiting: 5 outstanding, 10 added in total; last change 12m ago by coordinator (+4); no work marked done for 40m',
    steps: [PODS, SET],
    needsAttention: true,
  },
  'a new round without a done': {
    group: waiting(3 * MINUTE, [change(3 * MINUTE, 5), change(50 * MINUTE, -1)]),
    state: 'Waiting: 5 outstanding, 10 added in total; last change 3m ago by worker-3 (+5)',
    steps: [WAIT],
  },
  'so many adds that the history has no done': {
    group: waiting(
      55 * MINUTE,
      Array.from({ length: 16 }, (_, index) => change(MINUTE + index, 1)),
    ),
    state: 'Waiting: 5 outstanding, 10 added in total; last change 60s ago by worker-3 (+1)',
    steps: [WAIT],
  },
  'an initial count without changes': {
    group: { spec: { initialCount: 4 } },
    state: 'Waiting: 4 outstanding, 4 added in total; no change yet; no work marked done for 55m',
    steps: [PODS, SET],
    needsAttention: true,
  },
  'an initial count without changes for a minute': {
    group: { spec: { initialCount: 4 }, metadata: { creationTimestamp: ago(MINUTE) } },
    state: 'Waiting: 4 outstanding, 4 added in total; no change yet',
    steps: [PODS, WAIT],
  },
  'a new WaitGroup': {
    group: { spec: { initialCount: 4 }, metadata: { creationTimestamp: ago(MINUTE - 1) } },
    state: 'Waiting: 4 outstanding, 4 added in total; no change yet',
    steps: [WAIT],
  },
  'a change by a clock that is ahead': {
    group: waiting(55 * MINUTE, [change(-5 * MINUTE, -1)]),
    state: 'Waiting: 5 outstanding, 10 added in total; last change 2026-01-02T04:05:00.678Z by worker-3 (-1)',
    steps: [WAIT],
  },
  'a writer whose name has control characters': {
    group: waiting(55 * MINUTE, [change(2 * MINUTE, -1, '\u001b[2Jevil\n')]),
    state: 'Waiting: 5 outstanding, 10 added in total; last change 2m ago by [2Jevil (-1)',
    steps: [WAIT],
  },
  'a completion before its TTL': {
    group: { spec: { ttl: '1h' }, status: completed(17 * MINUTE) },
    state: 'Done, completed 17m ago; 10 added in total; TTL expires in 43m',
    steps: [],
  },
  'a TTL that has just expired': {
    group: { spec: { ttl: '1h' }, status: completed(60 * MINUTE) },
    state: 'Done, completed 60m ago; 10 added in total; TTL expired, about to be deleted',
    steps: [],
  },
  'a TTL that expired long ago': {
    group: { spec: { ttl: '45m' }, status: completed(55 * MINUTE) },
    state: 'Done, completed 55m ago; 10 added in total; its TTL expired 10m ago, but it has not been deleted',
    steps: [DOCTOR],
    needsAttention: true,
  },
  'a completion that the operator has not recorded': {
    group: { spec: { ttl: '1h' }, status: completed(undefined) },
    state: 'Done; 10 added in total; the operator has not recorded the completion, which starts the TTL',
    steps: [DOCTOR],
    needsAttention: true,
  },
  'a completion without a TTL': {
    group: { status: completed(17 * MINUTE) },
    state: 'Done, completed 17m ago; 10 added in total; no TTL, kept until deleted',
    steps: [DELETE],
  },
  'an unused WaitGroup': {
    group: {},
    state: 'Done: no work has been added',
    steps: ['koncli waitgroup add batch -n jobs'],
  },
  'a WaitGroup with a TTL that the operator has not reconciled': {
    group: { spec: { ttl: '1h' } },
    state: 'Done: no work has been added; the operator has not reconciled it',
    steps: [DOCTOR, 'koncli waitgroup add batch -n jobs'],
    needsAttention: true,
  },
  'a new WaitGroup with a TTL': {
    group: { spec: { ttl: '1h' }, metadata: { creationTimestamp: ago(2) } },
    state: 'Done: no work has been added',
    steps: ['koncli waitgroup add batch -n jobs'],
  },
  'a spec change that the operator has not reconciled': {
    group: { spec: { ttl: '1h' }, metadata: { generation: 2 }, status: completed(17 * MINUTE) },
    state:
      'Done, completed 17m ago; 10 added in total; TTL expires in 43m; the operator has not reconciled the last change to its spec',
    steps: [DOCTOR],
    needsAttention: true,
  },
  'a blocked deletion': {
    group: {
      ...waiting(55 * MINUTE, []),
      spec: { ttl: '1h' },
      metadata: { deletionTimestamp: ago(3 * MINUTE), finalizers: ['example.com/x', 'example.com/y'] },
    },
    state:
      'Terminating for 3m: add, done and wait treat it as deleted; blocked by finalizers example.com/x, example.com/y',
    steps: [`kubectl patch waitgroup batch --type=merge -p '{"metadata":{"finalizers":null}}' -n jobs`],
    needsAttention: true,
  },
  'a new deletion': {
    group: { metadata: { deletionTimestamp: ago(3), finalizers: ['example.com/x'] } },
    state: 'Terminating for 3s: add, done and wait treat it as deleted; blocked by finalizer example.com/x',
    steps: [`kubectl patch waitgroup batch --type=merge -p '{"metadata":{"finalizers":null}}' -n jobs`],
  },
};

describe('diagnose', () => {
  it.each(Object.entries(CASES))('describes %s', (_, { group, state, steps, needsAttention = false }) => {
    const advice = diagnose(buildWaitGroup(group), [], NOW);
    expect({ ...advice, steps: advice.steps.map(({ command }) => command) }).toEqual({ state, steps, needsAttention });
  });

  const event = (seconds: number, type: string, message: string): RecordedEvent => ({
    metadata: { name: message },
    type,
    message,
    lastTimestamp: ago(seconds),
  });

  it('includes the latest warning while it is recent', () => {
    const stateAfter = (...events: RecordedEvent[]) => diagnose(buildWaitGroup(), events, NOW);
    const [fresh, older] = [event(3 * MINUTE, 'Warning', 'worker-7\ndied'), event(5 * MINUTE, 'Warning', 'older')];
    expect(stateAfter(fresh, older, event(MINUTE, 'Normal', 'fine'))).toMatchObject({
      state: 'Done: no work has been added; warning 3m ago: worker-7 died',
      needsAttention: true,
    });
    const old = stateAfter(event(61 * MINUTE, 'Warning', 'yesterday'), event(MINUTE, 'Normal', 'fine'));
    expect(old).toMatchObject({ state: 'Done: no work has been added', needsAttention: false });
  });
});
