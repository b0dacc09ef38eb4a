// WaitGroups whose workers wait for one another: rejected at synthesis, but only if nothing can resolve it.
import { WaitGroup, type WaitGroupReference } from '@konductor/cdk8s';
import { App, Chart } from 'cdk8s';
import { Job, ServiceAccount } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { describe, expect, it } from 'vitest';
import { synth } from '../synth.ts';

const group = (scope: Construct, name: string) => new WaitGroup(scope, name, { metadata: { name } });
const job = (scope: Construct, name: string) =>
  new Job(scope, name, { metadata: { name }, containers: [{ image: 'busybox', command: ['do'] }] });

/** Adds a Job that works for one WaitGroup and waits for another. */
function chain(scope: Construct, name: string, works: WaitGroupReference, waits: WaitGroupReference): void {
  const workload = job(scope, name);
  works.addWorkers(workload);
  waits.waitFor(workload);
}

/** The Job of each WaitGroup waits for the next WaitGroup, and that of the last one for the first. */
function ring(scope: Construct, names: readonly string[]): WaitGroup[] {
  const groups = names.map((name) => group(scope, name));
  for (const [i, name] of names.entries())
    chain(scope, `job-${name}`, groups[i] as WaitGroup, groups[(i + 1) % groups.length] as WaitGroup);
  return groups;
}

describe('WaitGroups whose workers wait for one another', () => {
  it('are rejected once, with the whole ring', () => {
    const message = [
      'Validation failed with the following errors:',
      '  [test/a] WaitGroup a would never be done: Job job-a (test/job-a/Resource) works for a and waits for b, ' +
        'Job job-b (test/job-b/Resource) works for b and waits for c, ' +
        'Job job-c (test/job-c/Resource) works for c and waits for a; remove one waitFor',
    ].join('\n');
    expect(() => synth((scope) => ring(scope, ['a', 'b', 'c']))).toThrow(new Error(message));
  });

  it('are rejected if two charts create them and refer to each other’s by name', () => {
    const app = new App();
    const [first, second] = ['first', 'second'].map((id) => new Chart(app, id)) as [Chart, Chart];
    chain(first, 'job-a', group(first, 'a'), WaitGroup.fromName(first, 'other', 'b'));
    chain(second, 'job-b', group(second, 'b'), WaitGroup.fromName(second, 'other', 'a'));
    expect(() => app.synthYaml()).toThrow(/ works for a and waits for b, Job job-b .* works for b and waits for a; /);
  });

  it.each<[string, (scope: Construct, groups: readonly WaitGroup[]) => void]>([
    ['has another worker, which does not wait', (scope, [a]) => a?.addWorkers(job(scope, 'free'))],
    ['is counted on by another account', (scope, [, b]) => b?.grantWorker(new ServiceAccount(scope, 'Account'))],
    ['is counted on by a coordinator', (scope, [, b]) => b?.grantCoordinator(new ServiceAccount(scope, 'Account'))],
    ['can be repaired by an account', (scope, [, b]) => b?.grantManager(new ServiceAccount(scope, 'Account'))],
  ])('are accepted if one of them %s', (_, resolve) => {
    expect(() => synth((scope) => resolve(scope, ring(scope, ['a', 'b'])))).not.toThrow();
  });

  it('are accepted if one waits with minAdded 0, and so may start first', () => {
    const build = (scope: Construct) => {
      const [a, b] = [group(scope, 'a'), group(scope, 'b')];
      chain(scope, 'first', a, b);
      const second = job(scope, 'second');
      b.addWorkers(second);
      a.waitFor(second, { minAdded: 0 });
    };
    expect(() => synth(build)).not.toThrow();
  });

  /** Each Job counts for one WaitGroup by a label, and is held until the other one is done. */
  const labelled = (scope: Construct, minAdded?: number, resolve?: (groups: readonly WaitGroup[]) => void) => {
    const [a, b] = [group(scope, 'a'), group(scope, 'b')];
    const [first, second] = [job(scope, 'job-a'), job(scope, 'job-b')];
    a.count(first);
    b.waitFor(first, { by: 'suspend', minAdded });
    b.count(second);
    a.waitFor(second, { by: 'gate' });
    resolve?.([a, b]);
  };

  it.each([undefined, 0])('are rejected if they count and wait by labels, with minAdded %s', (minAdded) => {
    expect(() => synth((scope) => labelled(scope, minAdded))).toThrow(
      '[test/a] WaitGroup a would never be done: Job job-a (test/job-a/Resource) counts for a and waits for b, ' +
        'Job job-b (test/job-b/Resource) counts for b and waits for a; remove one waitFor',
    );
  });

  it('are rejected if one works in its pods and the other one is counted', () => {
    const build = (scope: Construct) => {
      const [a, b] = [group(scope, 'a'), group(scope, 'b')];
      chain(scope, 'job-a', a, b);
      const second = job(scope, 'job-b');
      b.count(second);
      a.waitFor(second, { by: 'suspend' });
    };
    expect(() => synth(build)).toThrow(/ works for a and waits for b, Job job-b .* counts for b and waits for a; /);
  });

  it('are accepted if they are counted and another counted Job can start', () => {
    expect(() => synth((scope) => labelled(scope, 1, ([a]) => a?.count(job(scope, 'free'))))).not.toThrow();
  });

  it('are accepted if one of them is created elsewhere', () => {
    const build = (scope: Construct) => {
      const [a, b] = [group(scope, 'a'), WaitGroup.fromName(scope, 'b', 'b')];
      chain(scope, 'first', a, b);
      chain(scope, 'second', b, a);
    };
    expect(() => synth(build)).not.toThrow();
  });
});
