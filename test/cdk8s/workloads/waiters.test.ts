import { KONCLI_IMAGE, type WaiterOptions, WaitGroup, type Workload } from '@konductor/cdk8s';
import { Duration } from 'cdk8s';
import { Job } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { describe, expect, it } from 'vitest';
import { type Manifest, pick, synth } from '../synth.ts';
import { kindOf, templateOf, workloadNames, workloads } from '../workloads.ts';

const group = (scope: Construct, name: string) => new WaitGroup(scope, name, { metadata: { name } });
const wait = (build: (scope: Construct) => Workload, options?: WaiterOptions) =>
  synth((scope) => {
    // The WaitGroup comes last, so that the order of the rendered objects is not that of the constructs.
    const workload = build(scope);
    group(scope, 'batch').waitFor(workload, options);
  });
const job = (scope: Construct) =>
  new Job(scope, 'Job', {
    metadata: { name: 'work' },
    containers: [{ image: 'busybox', command: ['do'] }],
    initContainers: [{ name: 'init', image: 'busybox', command: ['init'] }],
  });
const initContainersOf = (manifests: Manifest[]): Manifest[] => templateOf(pick(manifests, 'Job')).spec.initContainers;
const initNamesOf = (manifests: Manifest[]) => initContainersOf(manifests).map(({ name }) => name);
/** One Job that waits for several WaitGroups. */
const waitForAll = (...names: string[]) =>
  synth((scope) => {
    const workload = workloads.Job(scope);
    for (const name of names) group(scope, name).waitFor(workload);
  });

describe.each(workloadNames)('waitFor with a %s', (name) => {
  const manifests = wait(workloads[name]);
  const workload = pick(manifests, kindOf(name), 'work');
  const { metadata: labelled, spec } = templateOf(workload);

  it('adds an init container with koncli’s own image, without a volume', () => {
    expect(spec.initContainers[0]).toMatchObject({
      name: 'wait-for-batch',
      image: KONCLI_IMAGE,
      command: ['/konductor/koncli', 'waitgroup', 'wait', 'batch', '--min-added', '1'],
      terminationMessagePolicy: 'FallbackToLogsOnError',
    });
    expect(spec.volumes).toBeUndefined();
    expect(spec.containers[0].command).toEqual(['do-work', '--all']);
  });

  it('grants its account the permissions of a waiter, without the label of workers', () => {
    const account = name.startsWith('Kube') ? 'own' : 'work';
    expect(spec).toMatchObject({ serviceAccountName: account, automountServiceAccountToken: true });
    expect(pick(manifests, 'RoleBinding')).toMatchObject({
      roleRef: { name: 'batch-waiter' },
      subjects: [{ name: account }],
    });
    expect(labelled?.labels ?? {}).not.toHaveProperty('konductor.io/waitgroup');
  });

  it('is applied after the WaitGroup and the permissions', () => {
    expect(manifests.at(-1)).toBe(workload);
  });
});

describe('waitFor', () => {
  it('waits before all other init containers', () => {
    expect(initNamesOf(wait(job))).toEqual(['wait-for-batch', 'init']);
  });

  it.each<[WaiterOptions, string[]]>([
    [{ timeout: '30m' }, ['--min-added', '1', '--timeout', '30m']],
    [{ timeout: Duration.minutes(90) }, ['--min-added', '1', '--timeout', '1h30m0s']],
    [{ minAdded: 10 }, ['--min-added', '10']],
    [{ minAdded: 0 }, []],
    [{ minAdded: 0, ignoreFailure: true }, ['--ignore-failure']],
  ])('turns %j into the flags %j', (options, flags) => {
    expect(initContainersOf(wait(job, options))[0].command.slice(4)).toEqual(flags);
  });

  it('waits for several WaitGroups with one account', () => {
    const manifests = waitForAll('one', 'two');
    expect(initNamesOf(manifests).sort()).toEqual(['wait-for-one', 'wait-for-two']);
    expect(pick(manifests, 'ServiceAccount').metadata.name).toBe('work');
  });

  it('can be combined with work for another WaitGroup', () => {
    const manifests = synth((scope) => {
      const workload = workloads.Job(scope);
      group(scope, 'batch').waitFor(workload);
      group(scope, 'next').addWorkers(workload);
    });
    const { initContainers, containers } = templateOf(pick(manifests, 'Job')).spec;
    expect(initContainers[0].name).toBe('wait-for-batch');
    expect(containers[0].command.slice(0, 4)).toEqual(['/konductor/koncli', 'waitgroup', 'run', 'next']);
  });

  it('shortens the container name for a long WaitGroup name, and keeps it unique', () => {
    const name = `a${'b'.repeat(52)}-${'c'.repeat(9)}`;
    const [{ name: container, command }] = initContainersOf(waitForAll(name)) as [Manifest];
    expect(container).toMatch(new RegExp(`^wait-for-a${'b'.repeat(44)}-[0-9a-f]{8}$`));
    expect(command).toContain(name);
    expect(new Set(initNamesOf(waitForAll(`${'n'.repeat(60)}x`, `${'n'.repeat(60)}y`))).size).toBe(2);
  });

  it.each<[WaiterOptions, string]>([
    [{ minAdded: -1 }, 'minAdded is -1; it must be an integer from 0 to 2147483647'],
    [{ minAdded: 1.5 }, 'minAdded is 1.5; it must be an integer from 0 to 2147483647'],
    [{ minAdded: 3e9 }, 'minAdded is 3000000000; it must be an integer from 0 to 2147483647'],
    [{ koncliImage: 'my koncli:1' }, 'koncliImage "my koncli:1" is not an image reference; write it like registry.'],
    [{ imagePullSecrets: ['My_Registry'] }, 'imagePullSecrets[0] "My_Registry" is not a valid name of a Secret; use '],
    [
      { timeout: '1d' },
      'timeout "1d" is not a valid duration; use a format like 1h30m, 90s or 500ms, with h as the largest unit',
    ],
    [{ timeout: '-1m' }, 'timeout "-1m" is negative; use 0s to check once'],
  ])('rejects %j', (options, sentence) => {
    expect(() => wait(job, options)).toThrow(`Job work (test/Job/Resource): ${sentence}`);
  });

  it('rejects a workload with a container of the same name', () => {
    const containers = [{ name: 'wait-for-batch', image: 'busybox' }];
    const build = () => wait((scope) => new Job(scope, 'Job', { metadata: { name: 'work' }, containers }));
    expect(build).toThrow(/: container name "wait-for-batch" is reserved for koncli; rename it$/);
  });

  it('adds each Secret for pulling once', () => {
    const build = (scope: Construct) => {
      const workload = job(scope);
      group(scope, 'next').addWorkers(workload, { imagePullSecrets: ['registry'] });
      return workload;
    };
    const manifests = wait(build, { imagePullSecrets: ['registry', 'mirror.example.com', 'registry'] });
    const { imagePullSecrets } = templateOf(pick(manifests, 'Job')).spec;
    expect(imagePullSecrets).toEqual([{ name: 'registry' }, { name: 'mirror.example.com' }]);
  });
});
