import type { RecordedEvent } from '@konductor/client';
import { failRound, type WaitGroupStatus } from '@konductor/schema';
import { describe, expect, it } from 'vitest';
import { diagnose } from '../../../../cli/src/features/status/diagnosis.ts';
import { buildStatus, buildWaitGroup, CREATED, NOW, type WaitGroupParts } from '../../../schema/wait-groups.ts';

const ago = (minutes: number) => new Date(NOW.getTime() - minutes * 60_000).toISOString();
const SECOND = 1 / 60;
type Operations = NonNullable<WaitGroupStatus['recentOperations']>;
const change = (minutes: number, delta: number, by = 'worker-3'): Operations[number] => {
  return { id: `op-${minutes}`, at: ago(minutes), delta, by };
};
/** A WaitGroup whose round began this many minutes ago. */
const waiting = (began: number, recentOperations: Operations): WaitGroupParts => {
  const status = buildStatus({ counter: 5, added: 10, observedGeneration: 1, recentOperations });
  const conditions = status.conditions?.map((condition) => ({ ...condition, lastTransitionTime: ago(began) }));
  return { status: { ...status, ...(conditions && { conditions }) } };
};
const completed = (minutes?: number) => {
  const completedAt = minutes === undefined ? {} : { completedAt: ago(minutes) };
  return buildStatus({ added: 10, completions: 1, observedGeneration: 1, ...completedAt });
};
const hour = { spec: { ttl: '1h' } };
const counted = (creationTimestamp = CREATED): WaitGroupParts => {
  return { spec: { initialCount: 4 }, metadata: { creationTimestamp } };
};
const deleting = (minutes: number, ...finalizers: string[]) => {
  return { metadata: { deletionTimestamp: ago(minutes), finalizers } };
};
const adds16 = Array.from({ length: 16 }, (_, index) => change(1 + index * SECOND, 1));
const slow = [change(12, 4, 'coordinator'), change(40, -1), change(55, 2)];

const WAIT = 'koncli waitgroup wait batch -n jobs';
const ADD = 'koncli waitgroup add batch -n jobs';
const PODS = 'kubectl get pods -n jobs';
const JOBS = 'kubectl get jobs,pods -n jobs';
const LOGS = 'kubectl logs etl-x2k4d -n jobs';
const END = 'koncli waitgroup set batch --counter 0 --reason WHY -n jobs';
const SET = 'koncli waitgroup set batch --counter N --reason WHY -n jobs';
const DOCTOR = 'koncli doctor batch -n jobs';
const DELETE = 'koncli waitgroup delete batch -n jobs';
const LATER = `kubectl patch waitgroup batch --type=merge -p '{"spec":{"deadline":"DURATION"}}' -n jobs`;
const PATCH = `kubectl patch waitgroup batch --type=merge -p '{"metadata":{"finalizers":null}}' -n jobs`;
const last = (change: string) => `Waiting: 5 outstanding, 10 added in total; last change ${change}`;
const noChange = 'Waiting: 4 outstanding, 4 added in total; no change yet';
const done = (when: string, rest: string) => `Done, completed ${when} ago; 10 added in total; ${rest}`;
const unused = 'Done: no work has been added';
const terminating = (time: string, by: string) =>
  `Terminating for ${time}: add, done, fail and wait treat it as deleted; blocked by ${by}`;

const failed = (counter: number, worker?: string, extra: Partial<WaitGroupStatus> = {}) => {
  const status = buildStatus({
    counter,
    added: 10,
    completions: counter === 0 ? 1 : 0,
    observedGeneration: 1,
    ...extra,
  });
  const failure = { reason: 'DiskFull', message: 'no space left', ...(worker && { worker }) };
  return { ...failRound(status, failure, new Date(ago(5))), ...extra };
};
const failing = (by: string, counter: number, rest = '') =>
  `Failed: DiskFull: no space left (${by}5m ago); ${counter} outstanding, 10 added in total; waits end with exit code 6${rest}`;
const limited = (deadline: string, startedAt?: string): WaitGroupParts => {
  const parts = waiting(10, [change(2, -1)]);
  return { spec: { deadline }, ...(parts.status && { status: { ...parts.status, ...(startedAt && { startedAt }) } }) };
};

const expired = failRound(
  buildStatus({ counter: 2, added: 10, observedGeneration: 1, failedAt: ago(5) }),
  { reason: 'DeadlineExceeded', message: 'too late' },
  new Date(ago(5)),
);

type Row = readonly [name: string, group: WaitGroupParts, state: string, steps: readonly string[]];

const HEALTHY: readonly Row[] = [
  ['work in progress', waiting(55, [change(2, -1), change(55, 6)]), last('2m ago by worker-3 (-1)'), [WAIT, PODS]],
  [
    'a new round without a done',
    waiting(3, [change(3, 5), change(50, -1)]),
    last('3m ago by worker-3 (+5)'),
    [WAIT, PODS],
  ],
  ['so many adds that the history has no done', waiting(55, adds16), last('60s ago by worker-3 (+1)'), [WAIT, PODS]],
  ['an initial count without changes for a minute', counted(ago(1)), noChange, [PODS, WAIT]],
  ['a new WaitGroup', counted(ago(59 * SECOND)), noChange, [WAIT, PODS]],
  [
    'a change by a clock that is ahead',
    waiting(55, [change(-5, -1)]),
    last('2026-01-02T04:05:00.678Z by worker-3 (-1)'),
    [WAIT, PODS],
  ],
  ['a completion before its TTL', { ...hour, status: completed(17) }, done('17m', 'TTL expires in 43m'), []],
  ['a new TTL expiry', { ...hour, status: completed(60) }, done('60m', 'TTL expired, about to be deleted'), []],
  ['a completion without a TTL', { status: completed(17) }, done('17m', 'no TTL, kept until deleted'), [DELETE]],
  ['an unused WaitGroup', {}, unused, [ADD]],
  ['a new WaitGroup with a TTL', { ...hour, metadata: { creationTimestamp: ago(2 * SECOND) } }, unused, [ADD]],
  ['a deadline', limited('1h', ago(10)), `${last('2m ago by worker-3 (-1)')}; fails in 50m unless done`, [WAIT, PODS]],
  [
    'a deadline that has just expired',
    limited('10m', ago(10)),
    `${last('2m ago by worker-3 (-1)')}; deadline expired, about to fail`,
    [WAIT, PODS],
  ],
  ['a new deletion', deleting(3 * SECOND, 'x/y'), terminating('3s', 'finalizer x/y'), [PATCH]],
];

const NEEDING_ATTENTION: readonly Row[] = [
  ['a failure of a pod', { status: failed(2, 'etl-x2k4d') }, failing('by etl-x2k4d, ', 2), [LOGS, END, DELETE]],
  // Several pods may have worked for the index.
  ['a failure of an index', { status: failed(2, 'etl-3') }, failing('by etl-3, ', 2), [JOBS, END, DELETE]],
  ['a failure of another machine', { status: failed(2, 'laptop') }, failing('by laptop, ', 2), [JOBS, END, DELETE]],
  [
    'a failed round whose work has ended',
    { ...hour, status: failed(0, 'etl-x2k4d', { failedAt: ago(5), completedAt: ago(1) }) },
    failing('by etl-x2k4d, ', 0, '; TTL expires in 55m'),
    [LOGS, ADD],
  ],
  ['a failure without a worker', { status: failed(2) }, failing('', 2), [JOBS, END, DELETE]],
  [
    'a deadline that has passed',
    { spec: { deadline: '2h' }, status: expired },
    'Failed: DeadlineExceeded: too late (5m ago); 2 outstanding, 10 added in total; waits end with exit code 6',
    [JOBS, LATER, END, DELETE],
  ],
  [
    'a failure that the operator has not recorded',
    { ...hour, status: failed(2, 'laptop') },
    `${failing('by laptop, ', 2)}; the operator has not recorded the failure, which starts the TTL`,
    [JOBS, END, DOCTOR],
  ],
  [
    'a deadline that the operator has ignored',
    limited('5m', ago(10)),
    `${last('2m ago by worker-3 (-1)')}; its deadline expired 5m ago, but it has not failed`,
    [DOCTOR, WAIT, PODS],
  ],
  [
    'work whose start the operator has not recorded',
    limited('1h'),
    `${last('2m ago by worker-3 (-1)')}; the operator has not recorded the start of the work, which starts the deadline`,
    [DOCTOR, WAIT, PODS],
  ],
  [
    'work without progress',
    waiting(55, slow),
    last('12m ago by coordinator (+4); no work marked done for 40m'),
    [JOBS, SET],
  ],
  ['an initial count without changes', counted(), `${noChange}; no work marked done for 55m`, [JOBS, SET]],
  [
    'a TTL that expired long ago',
    { spec: { ttl: '45m' }, status: completed(55) },
    done('55m', 'its TTL expired 10m ago, but it has not been deleted'),
    [DOCTOR],
  ],
  [
    'a completion that the operator has not recorded',
    { ...hour, status: completed() },
    'Done; 10 added in total; the operator has not recorded the completion, which starts the TTL',
    [DOCTOR],
  ],
  ['a TTL that the operator has not seen', hour, `${unused}; the operator has not reconciled it`, [DOCTOR, ADD]],
  [
    'a spec change that the operator has not reconciled',
    { ...hour, metadata: { generation: 2 }, status: completed(17) },
    done('17m', 'TTL expires in 43m; the operator has not reconciled the last change to its spec'),
    [DOCTOR],
  ],
  [
    'a blocked deletion',
    { ...waiting(55, []), ...hour, ...deleting(3, 'x/y', 'x/z') },
    terminating('3m', 'finalizers x/y, x/z'),
    [PATCH],
  ],
];

describe('diagnose', () => {
  const expectRow = (needsAttention: boolean, ...[, group, state, steps]: Row) => {
    const advice = diagnose(buildWaitGroup(group), { events: [], pods: {}, now: NOW });
    expect({ ...advice, steps: advice.steps.map(({ command }) => command) }).toEqual({ state, steps, needsAttention });
  };

  it.each(HEALTHY)('describes %s', (...row) => expectRow(false, ...row));
  it.each(NEEDING_ATTENTION)('describes %s, which needs attention', (...row) => expectRow(true, ...row));

  const event = (minutes: number, type: string, message: string): RecordedEvent => {
    return { metadata: { name: message }, type, message, lastTimestamp: ago(minutes) };
  };

  it('includes the latest warning while it is recent', () => {
    const stateAfter = (...events: RecordedEvent[]) =>
      diagnose(buildWaitGroup(), { events: events, pods: {}, now: NOW });
    const inStatus = { ...event(1, 'Warning', 'DiskFull: no space left'), reason: 'Failed' };
    expect(stateAfter(inStatus)).toMatchObject({ state: unused, needsAttention: false });
    const [fresh, older] = [event(3, 'Warning', 'worker-7 died'), event(5, 'Warning', 'older')];
    const warned = { state: `${unused}; warning 3m ago: worker-7 died`, needsAttention: true };
    expect(stateAfter(fresh, older, event(1, 'Normal', 'fine'))).toMatchObject(warned);
    const old = stateAfter(event(61, 'Warning', 'yesterday'), event(1, 'Normal', 'fine'));
    expect(old).toMatchObject({ state: unused, needsAttention: false });
  });
});
