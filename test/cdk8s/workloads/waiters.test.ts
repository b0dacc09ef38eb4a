import { KONCLI_IMAGE, type WaiterOptions, WaitGroup, type Workload } from '@konductor/cdk8s';
import { Duration } from 'cdk8s';
import { Job } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { describe, expect, it } from 'vitest';
import { type Manifest, pick, synth } from '../synth.ts';
import { kindOf, templateOf, workloadNames, workloads } from '../workloads.ts';

const metadata = { name: 'batch' };
const wait = (build: (scope: Construct) => Workload, options?: WaiterOptions) =>
  synth((scope) => {
    // The group comes last, so that the order of what is rendered is not that of the constructs.
    const workload = build(scope);
    new WaitGroup(scope, 'Group', { metadata }).waitFor(workload, options);
  });
const job = (scope: Construct) =>
  new Job(scope, 'Job', {
    metadata: { name: 'work' },
    containers: [{ image: 'busybox', command: ['do'] }],
    initContainers: [{ name: 'init', image: 'busybox', command: ['init'] }],
  });
const initContainersOf = (manifests: Manifest[]) => templateOf(pick(manifests, 'Job')).spec.initContainers;

describe.each(workloadNames)('waitFor with a %s', (name) => {
  const manifests = wait(workloads[name]);
  const workload = pick(manifests, kindOf(name), 'work');
  const { metadata: labelled, spec } = templateOf(workload);

  it('waits in an init container of koncli’s own image, which needs no volume', () => {
    expect(spec.initContainers[0]).toMatchObject({
      name: 'wait-for-batch',
      image: KONCLI_IMAGE,
      command: ['/konductor/koncli', 'waitgroup', 'wait', 'batch', '--min-added', '1'],
    });
    expect(spec.volumes).toBeUndefined();
    expect(spec.containers[0].command).toEqual(['do-work', '--all']);
  });

  it('gives its account the rights of a waiter, and its pods the token, but not the label of workers', () => {
    const account = name.startsWith('Kube') ? 'own' : 'work';
    expect(spec).toMatchObject({ serviceAccountName: account, automountServiceAccountToken: true });
    expect(pick(manifests, 'RoleBinding')).toMatchObject({
      roleRef: { name: 'batch-waiter' },
      subjects: [{ name: account }],
    });
    expect(labelled?.labels ?? {}).not.toHaveProperty('konductor.io/waitgroup');
  });

  it('is applied after the group and the rights', () => {
    expect(manifests.at(-1)).toBe(workload);
  });
});

describe('waitFor', () => {
  it('waits before all other init containers', () => {
    expect(initContainersOf(wait(job)).map(({ name }: Manifest) => name)).toEqual(['wait-for-batch', 'init']);
  });

  it.each<[WaiterOptions, string[]]>([
    [{ timeout: '30m' }, ['--min-added', '1', '--timeout', '30m']],
    [{ timeout: Duration.minutes(90) }, ['--min-added', '1', '--timeout', '1h30m0s']],
    [{ minAdded: 10 }, ['--min-added', '10']],
    [{ minAdded: 0 }, []],
  ])('asks with %j for %j', (options, flags) => {
    expect(initContainersOf(wait(job, options))[0].command.slice(4)).toEqual(flags);
  });

  it('waits for several groups, which share the account that it makes', () => {
    const manifests = synth((scope) => {
      const workload = workloads.Job(scope);
      for (const name of ['one', 'two']) new WaitGroup(scope, name, { metadata: { name } }).waitFor(workload);
    });
    expect(
      initContainersOf(manifests)
        .map(({ name }: Manifest) => name)
        .sort(),
    ).toEqual(['wait-for-one', 'wait-for-two']);
    expect(pick(manifests, 'ServiceAccount').metadata.name).toBe('work');
  });

  it('lets a workload work for one group when another is done', () => {
    const manifests = synth((scope) => {
      const workload = workloads.Job(scope);
      new WaitGroup(scope, 'First', { metadata }).waitFor(workload);
      new WaitGroup(scope, 'Second', { metadata: { name: 'next' } }).addWorkers(workload);
    });
    const { initContainers, containers } = templateOf(pick(manifests, 'Job')).spec;
    expect(initContainers[0].name).toBe('wait-for-batch');
    expect(containers[0].command.slice(0, 4)).toEqual(['/konductor/koncli', 'waitgroup', 'run', 'next']);
  });

  it('cuts the name of its container where the group’s is long', () => {
    const name = `a${'b'.repeat(52)}-${'c'.repeat(9)}`;
    const manifests = synth((scope) => new WaitGroup(scope, 'G', { metadata: { name } }).waitFor(job(scope)));
    const [{ name: container, command }] = initContainersOf(manifests);
    expect(container).toMatch(new RegExp(`^wait-for-a${'b'.repeat(44)}-[0-9a-f]{8}$`));
    expect(command).toContain(name);
  });

  it.each<[WaiterOptions, string]>([
    [{ minAdded: -1 }, 'minAdded is -1: write a whole number that is 0 or more'],
    [{ minAdded: 3e9 }, 'minAdded is 3000000000: write 2147483647 at most'],
    [
      { koncliImage: 'my koncli:1' },
      'koncliImage is "my koncli:1", which has blanks in it: write it like registry.example.com/koncli:0.1.0',
    ],
    [{ minAdded: 1.5 }, 'minAdded is 1.5: write a whole number that is 0 or more'],
    [{ koncliImage: ' ' }, 'koncliImage is empty: say which'],
    [
      { imagePullSecrets: ['My_Registry'] },
      'imagePullSecrets has "My_Registry", which names no Secret: write lower-case letters, digits, hyphens and dots, 253 at most',
    ],
    [{ timeout: '1d' }, 'timeout "1d" is not a duration; write it like 1h30m, 90s or 500ms'],
    [{ timeout: '-1m' }, 'timeout "-1m" is negative; write 0s to look once'],
  ])('refuses %j and names the workload', (options, sentence) => {
    expect(() => wait(job, options)).toThrow(`Job work (test/Job/Resource): ${sentence}`);
  });

  it('tells long names apart that begin alike', () => {
    const manifests = synth((scope) => {
      const workload = workloads.Job(scope);
      for (const last of ['x', 'y'])
        new WaitGroup(scope, last, { metadata: { name: `${'n'.repeat(60)}${last}` } }).waitFor(workload);
    });
    expect(new Set(initContainersOf(manifests).map(({ name }: Manifest) => name)).size).toBe(2);
  });

  it('refuses a workload whose container has the name of the one that waits', () => {
    const taken = (scope: Construct) =>
      new Job(scope, 'Job', { metadata: { name: 'work' }, containers: [{ name: 'wait-for-batch', image: 'busybox' }] });
    expect(() => wait(taken)).toThrow(
      /: has a container "wait-for-batch", which is what koncli's is called: give it another name$/,
    );
  });

  it('pulls with the Secrets that the pods have and those that it is given, each once', () => {
    const secrets = ['registry', 'mirror.example.com', 'registry'];
    const build = (scope: Construct) => {
      const workload = job(scope);
      const group = new WaitGroup(scope, 'Second', { metadata: { name: 'next' } });
      group.addWorkers(workload, { imagePullSecrets: ['registry'] });
      return workload;
    };
    const { imagePullSecrets } = templateOf(pick(wait(build, { imagePullSecrets: secrets }), 'Job')).spec;
    expect(imagePullSecrets).toEqual([{ name: 'registry' }, { name: 'mirror.example.com' }]);
  });

  it('refuses to wait twice for one group', () => {
    const build = () =>
      synth((scope) => {
        const [group, workload] = [new WaitGroup(scope, 'Group', { metadata }), job(scope)];
        for (let i = 0; i < 2; i++) group.waitFor(workload);
      });
    expect(build).toThrow(/^Job work \(.*\): is a waiter of WaitGroup batch already: say so once$/);
  });
});
