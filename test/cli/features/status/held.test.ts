import { failRound } from '@konductor/schema';
import { describe, expect, it } from 'vitest';
import { countHeld, heldObject, type Kind, type Workload, whyHeld } from '../../../../cli/src/features/status/held.ts';
import { adviseOnHeld } from '../../../../cli/src/features/status/holding.ts';
import { buildStatus, buildWaitGroup, CREATED, NOW } from '../../../schema/wait-groups.ts';

const annotated = (annotations: Record<string, string>, rest: Partial<Workload> = {}): Workload => ({
  metadata: { name: 'report', uid: 'u', creationTimestamp: CREATED, annotations },
  spec: { suspend: true },
  ...rest,
});
const LET_GO = { 'konductor.io/released-at': '2026-01-02T03:59:00Z' };
const held = (annotations: Record<string, string> = {}, kind: Kind = 'Job') => {
  const gates = [{ name: 'konductor.io/after' }];
  const object = heldObject(kind, annotated(annotations, { spec: { suspend: true, schedulingGates: gates } }));
  if (!object) throw new Error('not held');
  return object;
};

describe('heldObject', () => {
  const ended = { status: { conditions: [{ type: 'Failed', status: 'True' }] } };
  it.each<[string, Kind, Workload, boolean]>([
    ['a Job that is suspended', 'Job', annotated({}), true],
    ['a Job that runs', 'Job', annotated({}, { spec: {} }), false],
    ['a Job that has ended', 'Job', annotated({}, ended), false],
    [
      'a pod with the gate',
      'Pod',
      annotated({}, { spec: { schedulingGates: [{ name: 'konductor.io/after' }] } }),
      true,
    ],
    ['a pod with another gate', 'Pod', annotated({}, { spec: { schedulingGates: [{ name: 'a.example/b' }] } }), false],
    ['what is being deleted', 'Job', { metadata: { name: 'report', deletionTimestamp: CREATED } }, false],
  ])('knows whether it is held: %s', (_, kind, object, isHeld) => {
    expect(heldObject(kind, object) !== undefined).toBe(isHeld);
  });
});

const waiting = buildStatus({ counter: 2, added: 3 });
const done = buildStatus({ added: 3, completions: 1 });
const failed = failRound(waiting, { reason: 'JobFailed', message: 'Job load failed' }, NOW);
const now = new Date(CREATED);

describe('whyHeld', () => {
  it.each([
    ['outstanding work', held(), waiting, '2 outstanding'],
    ['too little work', held({ 'konductor.io/min-added': '5' }), done, '3 added, of at least 5'],
    ['nothing added', held(), buildStatus(), '0 added, of at least 1'],
    ['an annotation', held({ 'konductor.io/min-added': 'x' }), done, 'konductor.io/min-added is no whole number'],
    ['a failed round', held(), failed, 'the round failed; held until one succeeds'],
    ['the operator, after a failure', held({ 'konductor.io/on-failure': 'release' }), failed, 'about to be let go'],
    ['the operator', held(), done, 'about to be let go'],
  ])('names %s', (_, object, status, text) => {
    expect(whyHeld(object, { group: buildWaitGroup({ status }), now })).toBe(text);
  });

  it('names the time at which it was let go before it was suspended again', () => {
    const group = buildWaitGroup({ status: done });
    expect(whyHeld(held(LET_GO), { group, now: NOW })).toBe('let go 60s ago, and suspended again since');
  });

  it('says that the operator is late, or has said that it may not', () => {
    const group = buildWaitGroup({ status: done });
    expect(whyHeld(held(), { group, now: NOW })).toBe('the operator has not let it go');
    expect(whyHeld(held(), { group, now, isForbidden: true })).toBe('the operator is not allowed to let it go');
  });
});

describe('adviseOnHeld', () => {
  const advise = (status: typeof done, objects = [held(), held({}, 'Pod')], rest = {}) =>
    adviseOnHeld(buildWaitGroup({ status }), { objects, isComplete: true, ...rest }, NOW);
  const commands = (advice: ReturnType<typeof advise>) => advice?.steps.map(({ command }) => command);

  it('is silent where nothing is held', () => {
    expect(advise(done, [])).toBeUndefined();
  });

  it('counts what waits, and says when it is held for longer', () => {
    expect(advise(waiting)).toEqual({ state: '1 Job and 1 pod wait for it', needsAttention: false, steps: [] });
    expect(advise(failed)?.state).toBe('1 Job and 1 pod wait for it, held until a round succeeds');
    expect(countHeld([held(), held()], false)).toBe('2 Jobs or more');
  });

  it('raises an alarm when the operator lets nothing go, and names the manifest if it may not', () => {
    const late = advise(done);
    expect(late).toMatchObject({ state: '1 Job and 1 pod still held, although they can go on', needsAttention: true });
    expect(commands(late)).toEqual(['koncli doctor batch -n jobs']);
    expect(commands(advise(done, [held()], { isForbidden: true }))).toEqual([
      'kubectl apply --server-side -f cdk8s/manifests/hold.yaml',
    ]);
  });

  it('leaves what was suspended again to people', () => {
    const advice = advise(done, [held(LET_GO)]);
    expect(advice).toMatchObject({ state: '1 Job suspended again after the operator let go', needsAttention: true });
    expect(commands(advice)).toEqual([`kubectl patch job report -n jobs --type=merge -p '{"spec":{"suspend":false}}'`]);
  });
});
