import { describe, expect, it } from 'vitest';
import { describeDeployment, describeTraces, withLag } from '../../../../cli/src/features/doctor/operator.ts';
import { type Deployment, servingFirst } from '../../../../cli/src/features/doctor/operator-deployment.ts';
import { buildStatus, buildWaitGroup, CREATED } from '../../../schema/wait-groups.ts';

const minutesOld = (minutes: number) => new Date(Date.parse(CREATED) + minutes * 60_000);
const metadata = { namespace: 'konductor-system', name: 'konductor-operator' };

describe('describeDeployment', () => {
  it.each([
    [{ spec: { replicas: 2 }, status: { readyReplicas: 1 } }, 'ok', 'has 1 of 2 replicas ready'],
    [
      { spec: { replicas: 1 }, status: {} },
      'failure',
      'has 0 of 1 replicas ready: workers with an identity are not counted',
    ],
    [{}, 'failure', 'has 0 of 1 replicas ready'],
    [{ spec: { replicas: 0 }, status: { readyReplicas: 1 } }, 'failure', 'has 0 of 0 replicas ready'],
  ])('reports %j as %s', (deployment, outcome, message) => {
    expect(describeDeployment({ metadata, ...deployment })).toMatchObject({
      outcome,
      message: expect.stringContaining(message),
    });
  });

  it('advises to scale up a Deployment without replicas', () => {
    expect(describeDeployment({ metadata, spec: { replicas: 0 } }).advice).toBe(
      'kubectl scale deployment konductor-operator -n konductor-system --replicas=1',
    );
  });
});

describe('servingFirst', () => {
  const watching = (namespace: string, ...args: string[]): Deployment => ({
    metadata: { ...metadata, namespace },
    spec: { template: { spec: { containers: [{ args: ['--leader-elect', ...args] }] } } },
  });
  const namespacesOf = (deployments: readonly Deployment[]) =>
    servingFirst(deployments, 'jobs').map(({ metadata: { namespace } }) => namespace);

  it('prefers the operator in the namespace to the one for all', () => {
    const own = watching('jobs', '--watch-namespace=$(POD_NAMESPACE)');
    expect(namespacesOf([watching('elsewhere'), own])).toEqual(['jobs', 'elsewhere']);
  });

  it('excludes operators for other namespaces', () => {
    const others = [watching('x', '--watch-namespace=$(POD_NAMESPACE)'), watching('y', '--watch-namespace=other')];
    expect(namespacesOf([...others, watching('z', '--watch-namespace=jobs')])).toEqual(['z']);
  });
});

describe('describeTraces', () => {
  const seen = buildWaitGroup({ status: { ...buildStatus(), observedGeneration: 1 } });
  const completed = (minutes: number) =>
    buildWaitGroup({
      metadata: { name: 'later' },
      status: { ...buildStatus(), observedGeneration: 1, completedAt: minutesOld(minutes).toISOString() },
    });

  it('accepts a recent trace of the operator when the Deployment cannot be read', () => {
    expect(describeTraces([seen], 'forbidden', minutesOld(9))).toEqual({
      outcome: 'ok',
      message:
        'Deployment konductor-operator cannot be read (forbidden), but the operator reconciled waitgroup "batch" 9m ago',
    });
    expect(describeTraces([seen, completed(55)], 'forbidden', minutesOld(60))).toMatchObject({
      outcome: 'ok',
      message: expect.stringContaining('reconciled waitgroup "later" 5m ago'),
    });
  });

  it('warns that an old trace may come from an operator that is gone', () => {
    expect(describeTraces([seen], 'forbidden', minutesOld(10))).toMatchObject({
      outcome: 'warning',
      message: expect.stringContaining('10m ago, but it is unknown whether it is still running'),
    });
  });

  it.each([0, 9])('warns of a Deployment that is not there, however recent the trace is: %d minutes', (minutes) => {
    expect(describeTraces([seen], 'notFound', minutesOld(minutes))).toMatchObject({
      outcome: 'warning',
      message: expect.stringContaining('not found: the operator reconciled waitgroup "batch"'),
      advice: expect.stringMatching(/^install it/),
    });
  });

  it.each([
    ['a group that it has not reconciled', [{ ...seen, status: undefined }]],
    ['a change that it has not reconciled', [{ ...seen, metadata: { ...seen.metadata, generation: 2 } }]],
    ['no group', []],
  ])('warns of %s', (_, groups) => {
    expect(describeTraces(groups, 'forbidden', minutesOld(1))).toMatchObject({
      outcome: 'warning',
      message: expect.stringContaining('it is unknown whether the operator is running'),
      advice: expect.stringMatching(/^pass the name/),
    });
  });
});

describe('withLag', () => {
  const at = (seconds: number) => new Date(Date.parse(CREATED) + seconds * 1_000);
  const done = buildStatus({ added: 3, completions: 1, observedGeneration: 1 });
  const conditions = done.conditions?.map((condition) => ({ ...condition, lastTransitionTime: CREATED }));
  const unrecorded = buildWaitGroup({ status: { ...done, ...(conditions && { conditions }) } });
  const overdue = buildWaitGroup({ spec: { ttl: '10s' }, status: { ...done, completedAt: CREATED } });
  const late = buildWaitGroup({
    spec: { deadline: '10s' },
    status: buildStatus({ counter: 3, added: 3, observedGeneration: 1, startedAt: CREATED }),
  });
  const ready = { outcome: 'ok' as const, message: 'ready' };
  const advice = 'see the log';

  it.each([
    ['a completion that it has not recorded', unrecorded, 21, 'has not recorded the completion, which starts the TTL'],
    ['an expired deadline', late, 31, 'its deadline expired 21s ago, but it has not failed'],
    ['an expired TTL', overdue, 31, 'its TTL expired 21s ago, but it has not been deleted'],
    ['a WaitGroup that it has not reconciled', buildWaitGroup(), 21, 'the operator has not reconciled it'],
  ])('turns a ready operator into a warning for %s', (_, group, seconds, lag) => {
    expect(withLag(ready, [group], { now: at(seconds), advice })).toMatchObject({
      outcome: 'warning',
      advice,
      message: expect.stringMatching(`^ready; waitgroup "batch" in namespace "jobs": .*${lag}$`),
    });
    expect(withLag(ready, [group], { now: at(seconds - 1), advice })).toBe(ready);
  });

  it('leaves a failure as it is', () => {
    const failure = { outcome: 'failure' as const, message: 'none ready' };
    expect(withLag(failure, [unrecorded], { now: at(60), advice })).toBe(failure);
  });
});
