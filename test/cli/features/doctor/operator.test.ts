import { describe, expect, it } from 'vitest';
import { describeDeployment, describeTraces } from '../../../../cli/src/features/doctor/operator.ts';
import { type Deployment, servingFirst } from '../../../../cli/src/features/doctor/operator-deployment.ts';
import { buildStatus, buildWaitGroup, CREATED } from '../../../schema/wait-groups.ts';

const minutesOld = (minutes: number) => new Date(Date.parse(CREATED) + minutes * 60_000);
const metadata = { namespace: 'konductor-system', name: 'konductor-operator' };

describe('describeDeployment', () => {
  it.each([
    [{ spec: { replicas: 2 }, status: { readyReplicas: 1 } }, 'ok', 'has 1 of 2 replicas ready'],
    [{ spec: { replicas: 1 }, status: {} }, 'failure', 'has 0 of 1 replicas ready: add, done and wait work, but'],
    [{}, 'failure', 'has 0 of 1 replicas ready'],
  ])('reports %j as %s', (deployment, outcome, message) => {
    expect(describeDeployment({ metadata, ...deployment })).toMatchObject({
      outcome,
      message: expect.stringContaining(message),
    });
  });

  it('advises to scale up a Deployment without replicas', () => {
    expect(describeDeployment({ metadata, spec: { replicas: 0 } }).advice).toBe(
      'kubectl -n konductor-system scale deployment konductor-operator --replicas=1',
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

  it.each(['forbidden', 'notFound'] as const)(
    'accepts a recent trace of the operator when the Deployment is %s',
    (reason) => {
      expect(describeTraces(seen, reason, minutesOld(9))).toMatchObject({
        outcome: 'ok',
        message: expect.stringContaining('but the operator has reconciled waitgroup "batch"'),
      });
    },
  );

  it('warns that an old trace may come from an operator that is gone, if the Deployment is not found', () => {
    const gone =
      'not found, but the operator has reconciled waitgroup "batch" after 2026-01-02T03:04:05Z: it is unknown whether it is still';
    const found = {
      outcome: 'warning',
      message: expect.stringContaining(gone),
      advice: expect.stringMatching(/^install it/),
    };
    expect(describeTraces(seen, 'notFound', minutesOld(10))).toMatchObject(found);
    expect(describeTraces(seen, 'forbidden', minutesOld(10))).toMatchObject({ outcome: 'ok' });
    const completedAt = minutesOld(5).toISOString();
    const completed = { ...seen, status: { ...buildStatus(), observedGeneration: 1, completedAt } };
    expect(describeTraces(completed, 'notFound', minutesOld(10))).toMatchObject({ outcome: 'ok' });
  });

  it.each([
    ['a group that it has not seen', { ...seen, status: undefined }, 'has not reconciled waitgroup "batch"'],
    ['a change that it has not seen', { ...seen, metadata: { ...seen.metadata, generation: 2 } }, 'has not reconciled'],
    ['no group', undefined, 'it is unknown whether the operator is running'],
  ])('warns of %s', (_, group, message) => {
    expect(describeTraces(group, 'forbidden')).toMatchObject({
      outcome: 'warning',
      message: expect.stringContaining(message),
      advice: expect.stringMatching(/^pass the name/),
    });
  });
});
