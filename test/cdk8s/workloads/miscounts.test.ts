// Workloads with which the count of their WaitGroup cannot come out: rejected at synthesis, unless the chart may not show
// everything or the user says otherwise.
import {
  type CountOptions,
  type WaiterOptions,
  WaitGroup,
  type WaitGroupProps,
  type WorkerOptions,
  type Workload,
} from '@konductor/cdk8s';
import { ApiObject, App, Chart, JsonPatch } from 'cdk8s';
import { Job, k8s, Pod, RestartPolicy, ServiceAccount } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { synth } from '../synth.ts';
import { kindOf, type WorkloadName, workloadNames, workloads } from '../workloads.ts';

const metadata = { name: 'batch' };
const containers = [{ name: 'main', image: 'busybox', command: ['do'] }];
const RENAMING: WorkloadName[] = ['Deployment', 'DaemonSet', 'KubeDeployment'];
const LASTING: WorkloadName[] = [...RENAMING, 'StatefulSet'];
const others = (names: readonly WorkloadName[]) => workloadNames.filter((name) => !names.includes(name));

const group = (scope: Construct, props: WaitGroupProps = {}) => new WaitGroup(scope, 'Group', { metadata, ...props });
const job = (scope: Construct, spec: Partial<k8s.JobSpec> = {}, name = 'work') =>
  new k8s.KubeJob(scope, name, {
    metadata: { name },
    spec: { template: { spec: { restartPolicy: 'Never', containers } }, ...spec },
  });

/** The sentences about a chart; empty if it is accepted. */
function errorsOf(build: (scope: Construct) => void): string[] {
  try {
    synth(build);
    return [];
  } catch (error) {
    const [first, ...lines] = (error as Error).message.split('\n');
    if (first !== 'Validation failed with the following errors:') throw error;
    return lines.map((line) => line.trim());
  }
}

const work = (build: (scope: Construct) => Workload, options: WorkerOptions, props: WaitGroupProps = {}) =>
  errorsOf((scope) => group(scope, props).addWorkers(build(scope), options));
const wait = (build: (scope: Construct) => Workload, options: WaiterOptions, props: WaitGroupProps = {}) =>
  errorsOf((scope) => group(scope, props).waitFor(build(scope), options));

describe('the initialCount of a WaitGroup', () => {
  const sum = (count: number, ...specs: Partial<k8s.JobSpec>[]) =>
    errorsOf((scope) => {
      const batch = group(scope, { initialCount: count });
      for (const [i, spec] of specs.entries()) batch.addWorkers(job(scope, spec, `work-${i}`));
    });

  it('is compared with the completions of its Jobs', () => {
    expect(sum(4, { completions: 3, parallelism: 2 }, {})).toEqual([]);
    expect(sum(3, { completions: 3, parallelism: 2 }, {})).toEqual([
      '[test/Group] WaitGroup batch starts at 3, but its workers mark 4 done: Job work-0 (test/work-0) 3, ' +
        'Job work-1 (test/work-1) 1; make the initialCount equal to it, ' +
        'or set unchecked: true in the options of addWorkers if others count, too',
    ]);
  });

  it('is accepted if and only if it is the sum of the completions, or else the parallelism, or else 1', () => {
    const size = fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined });
    const specs = fc.array(fc.record({ completions: size, parallelism: size }), { minLength: 1, maxLength: 4 });
    const property = fc.property(fc.integer({ min: 1, max: 12 }), specs, (count, jobs) => {
      const expected = jobs.map(({ completions, parallelism }) => completions ?? parallelism ?? 1);
      const isRight = expected.reduce((total, one) => total + one) === count;
      expect(sum(count, ...jobs)).toHaveLength(isRight ? 0 : 1);
    });
    fc.assert(property, { seed: 13, numRuns: 100 });
  });

  it('is compared with what JSON patches make of a Job, and with Pods', () => {
    const build = (initialCount: number) => (scope: Construct) => {
      const batch = group(scope, { initialCount });
      const patched = new Job(scope, 'Job', { metadata: { name: 'work' }, containers });
      batch.addWorkers(patched);
      batch.addWorkers(new Pod(scope, 'Pod', { metadata, containers, restartPolicy: RestartPolicy.NEVER }));
      ApiObject.of(patched).addJsonPatch(JsonPatch.add('/spec/completions', 4));
    };
    expect(errorsOf(build(5))).toEqual([]);
    expect(errorsOf(build(2))).toEqual([
      expect.stringContaining('mark 5 done: Job work (test/Job/Resource) 4, Pod batch '),
    ]);
  });

  it('is compared with the Jobs that are counted by a label, 1 each whatever their completions', () => {
    const build = (initialCount: number, options: CountOptions, counted: number) => (scope: Construct) => {
      const batch = group(scope, { initialCount });
      for (let i = 0; i < counted; i++) batch.count(job(scope, { completions: 5 }, `work-${i}`), options);
    };
    expect(errorsOf(build(2, {}, 2))).toEqual([]);
    expect(errorsOf(build(2, { add: true }, 3))).toEqual([]);
    expect(errorsOf(build(2, { unchecked: true }, 3))).toEqual([]);
    expect(errorsOf(build(2, { add: false }, 3))).toEqual([
      '[test/Group] WaitGroup batch starts at 2, but its workers mark 3 done: Job work-0 (test/work-0) 1, ' +
        'Job work-1 (test/work-1) 1, Job work-2 (test/work-2) 1; make the initialCount equal to it, ' +
        'or set unchecked: true in the options of count if others count, too',
    ]);
  });

  it('is compared with counted Jobs and workers together', () => {
    const build = (scope: Construct) => {
      const batch = group(scope, { initialCount: 9 });
      batch.count(job(scope, {}, 'one'));
      batch.addWorkers(job(scope, { completions: 2 }, 'two'));
    };
    expect(errorsOf(build)).toEqual([
      expect.stringMatching(/ mark 3 done: Job one .* 1, Job two .* 2; .* in the options of count or addWorkers if /),
    ]);
  });

  it.each<[string, (scope: Construct, batch: WaitGroup) => void]>([
    ['another account may count', (scope, batch) => batch.grantWorker(new ServiceAccount(scope, 'Account'))],
    ['a coordinator may count', (scope, batch) => batch.grantCoordinator(new ServiceAccount(scope, 'Account'))],
    ['another worker is unchecked', (scope, batch) => batch.addWorkers(job(scope, {}, 'more'), { unchecked: true })],
    [
      'another chart’s account may count',
      (scope) => WaitGroup.fromName(scope, 'Other', 'batch').grantWorker(new ServiceAccount(scope, 'Account')),
    ],
  ])('is not compared if %s', (_, join) => {
    const build = (scope: Construct) => {
      const batch = group(scope, { initialCount: 5 });
      batch.addWorkers(job(scope));
      join(scope, batch);
    };
    expect(errorsOf(build)).toEqual([]);
  });

  it('is not compared with Jobs that add themselves, and not without Jobs', () => {
    expect(work(job, { add: true }, { initialCount: 5 })).toEqual([]);
    expect(wait(job, {}, { initialCount: 5 })).toEqual([]);
  });

  it('is compared with people’s permissions set aside: they repair the count', () => {
    const build = (scope: Construct) => {
      const batch = group(scope, { initialCount: 5 });
      batch.addWorkers(job(scope));
      batch.grantManager(new ServiceAccount(scope, 'Account'));
      batch.grantWaiter(new ServiceAccount(scope, 'Reader'));
    };
    expect(errorsOf(build)).toHaveLength(1);
  });

  it('counts the Jobs of other charts that refer to the WaitGroup by name', () => {
    const build = (initialCount: number) => () => {
      const app = new App();
      const [first, second] = ['first', 'second'].map((id) => new Chart(app, id)) as [Chart, Chart];
      group(first, { initialCount }).addWorkers(job(first));
      WaitGroup.fromName(second, 'Group', 'batch').addWorkers(job(second, { completions: 2 }), { add: false });
      app.synthYaml();
    };
    expect(build(3)).not.toThrow();
    expect(build(1)).toThrow(/ starts at 1, but its workers mark 3 done: /);
  });

  it('is compared in each chart, if several create a WaitGroup of the name for several clusters', () => {
    const build =
      (counts: readonly number[], refer: (app: App) => void = () => {}) =>
      () => {
        const app = new App();
        for (const count of counts) {
          const chart = new Chart(app, `cluster-${count}`);
          group(chart, { initialCount: count }).addWorkers(job(chart, { completions: 2 }));
        }
        refer(app);
        app.synthYaml();
      };
    expect(build([2])).not.toThrow();
    expect(build([2, 3])).toThrow(/^Validation failed with the following errors:\n {2}\[cluster-3\/Group\] .*$/);
    // The third chart may mean either of them.
    const refer = (app: App) => {
      const chart = new Chart(app, 'third');
      WaitGroup.fromName(chart, 'Group', 'batch').addWorkers(job(chart), { add: false });
    };
    expect(build([2, 3], refer)).not.toThrow();
  });
});

describe('a worker of a WaitGroup with initialCount', () => {
  it.each(RENAMING)('is rejected if it is a %s, whose pods are replaced by others', (name) => {
    expect(work(workloads[name], {}, { initialCount: 2 })).toEqual([
      `[test/Group] ${kindOf(name)} work (test/Workload${name.startsWith('Kube') ? '' : '/Resource'}) replaces pods that have ` +
        'finished by pods with other names, which mark more work done than the initialCount of WaitGroup batch; ' +
        'use a Job or a StatefulSet, or set unchecked: true in the options of addWorkers if they run until they are stopped',
    ]);
  });

  it('may be a StatefulSet, whose pods keep their names, with as many replicas', () => {
    const replicas = (count: number) => (scope: Construct) => {
      const workload = workloads.StatefulSet(scope);
      ApiObject.of(workload).addJsonPatch(JsonPatch.replace('/spec/replicas', count));
      return workload;
    };
    expect(work(replicas(2), {}, { initialCount: 2 })).toEqual([]);
    expect(work(replicas(3), {}, { initialCount: 2 })).toEqual([
      expect.stringContaining(
        'starts at 2, but its workers mark 3 done: StatefulSet work (test/Workload/Resource) 3; ',
      ),
    ]);
  });

  it.each(RENAMING)('may be a %s if it is unchecked or adds itself', (name) => {
    expect(work(workloads[name], { unchecked: true }, { initialCount: 2 })).toEqual([]);
    expect(work(workloads[name], { add: true }, { initialCount: 2 })).toEqual([]);
  });

  it('is recognized where a construct refers to the WaitGroup by name', () => {
    const build = (scope: Construct) => {
      group(scope, { initialCount: 2 });
      WaitGroup.fromName(scope, 'Other', 'batch').addWorkers(workloads.Deployment(scope), { add: false });
    };
    expect(errorsOf(build)).toEqual([expect.stringMatching(/^\[test\/Other\] Deployment work .* replaces pods that /)]);
  });
});

describe('a worker of a WaitGroup without initialCount', () => {
  it.each(workloadNames.filter((name) => name !== 'CronJob'))('may be a %s', (name) => {
    for (const add of [true, false]) expect(work(workloads[name], { add })).toEqual([]);
  });
});

describe('a CronJob', () => {
  const sentence =
    'CronJob work (test/Workload/Resource) counts all its runs on WaitGroup batch, so that runs that overlap or fail ' +
    'are mixed up; let each run create its own with koncli waitgroup add --create, ' +
    'or set unchecked: true in the options of addWorkers';

  it.each([{}, { add: false }, { onFailure: 'fail' as const }])('is rejected as a worker with %j', (options) => {
    expect(work(workloads.CronJob, options)).toEqual([`[test/Group] ${sentence}`]);
  });

  it('is rejected as a worker of a WaitGroup that is created elsewhere', () => {
    const build = (scope: Construct) => WaitGroup.fromName(scope, 'It', 'batch').addWorkers(workloads.CronJob(scope));
    expect(errorsOf(build)).toEqual([`[test/It] ${sentence}`]);
  });

  it('is accepted if it is unchecked, with any initialCount', () => {
    for (const initialCount of [undefined, 3])
      expect(work(workloads.CronJob, { unchecked: true }, { initialCount })).toEqual([]);
  });
});

describe('a worker that fails the WaitGroup', () => {
  const once = { backoffLimit: 0 };
  const template = { spec: { restartPolicy: 'OnFailure', containers } };
  const indexed = (scope: Construct) => job(scope, { completionMode: 'Indexed' });
  const pod = (scope: Construct) =>
    new Pod(scope, 'Pod', { metadata: { name: 'work' }, containers, restartPolicy: RestartPolicy.ON_FAILURE });
  const fail = { onFailure: 'fail', add: false } as const;

  it.each<[string, (scope: Construct) => Workload]>([
    ['a Job with the default backoffLimit', job],
    ['a Job with a backoffLimit', (scope) => job(scope, { backoffLimit: 1 })],
  ])('is rejected if it is %s, whose work has been added once', (_, build) => {
    expect(work(build, fail)).toEqual([
      expect.stringMatching(
        /^\[test\/Group\] \w+ work \(.*\) retries workers that fail in pods with other names, but with onFailure "fail" their work is already done in WaitGroup batch; set backoffLimit to 0, use completionMode Indexed or restart policy OnFailure, or set unchecked: true in the options of addWorkers$/,
      ),
    ]);
    for (const options of [{ ...fail, add: true }, { ...fail, unchecked: true }, { add: false }])
      expect(work(build, options)).toEqual([]);
  });

  it.each<[string, (scope: Construct) => Workload]>([
    ['a Job that is not retried', (scope) => job(scope, once)],
    ['an Indexed Job, whose pods are named after their index', indexed],
    ['a Job whose containers are restarted', (scope) => job(scope, { template })],
    ['a Pod whose containers are restarted', pod],
    ['a Deployment, which restarts all workers alike', workloads.Deployment],
  ])('may be %s', (_, build) => {
    expect(work(build, fail)).toEqual([]);
  });
});

describe('a waiter of a WaitGroup with a ttl', () => {
  const later: WorkloadName[] = [...LASTING, 'CronJob'];

  it.each(later)('is rejected if it is a %s, whose later pods would wait for nothing', (name) => {
    for (const ttl of ['0s', '1h'])
      expect(wait(workloads[name], { minAdded: 0 }, { ttl })).toEqual([
        `[test/Group] ${kindOf(name)} work (test/Workload${name.startsWith('Kube') ? '' : '/Resource'}) also starts pods after ` +
          'the ttl of WaitGroup batch has expired, and they would wait for a WaitGroup that is deleted; ' +
          'remove the ttl, or set unchecked: true in the options of waitFor',
      ]);
  });

  it.each(later)('may be a %s if it is unchecked, or if the ttl is removed', (name) => {
    expect(wait(workloads[name], { unchecked: true }, { ttl: '1h' })).toEqual([]);
    expect(wait(workloads[name], {}, { deadline: '1h' })).toEqual([]);
  });

  it.each(others(later))('may be a %s', (name) => {
    expect(wait(workloads[name], {}, { ttl: '1h' })).toEqual([]);
  });

  it('is recognized where a construct refers to the WaitGroup by name, unless it may mean another one', () => {
    const build =
      (...clusters: string[]) =>
      () => {
        const app = new App();
        for (const cluster of clusters) group(new Chart(app, cluster), { ttl: '1h' });
        const chart = new Chart(app, 'web');
        WaitGroup.fromName(chart, 'Group', 'batch').waitFor(workloads.Deployment(chart));
        app.synthYaml();
      };
    expect(build('staging')).toThrow(/\[web\/Group\] Deployment work .* also starts pods after /);
    expect(build('staging', 'production')).not.toThrow();
  });
});

describe('a CronJob that is counted by a label', () => {
  const count = (options: CountOptions, props: WaitGroupProps) =>
    errorsOf((scope) => group(scope, props).count(workloads.CronJob(scope), options));

  it.each<[CountOptions, WaitGroupProps, string]>([
    [
      {},
      { initialCount: 1 },
      'marks 1 done with each of its Jobs, which are more than the initialCount of WaitGroup batch; set add: true, or ',
    ],
    [
      {},
      { ttl: '1h' },
      'also creates Jobs after the ttl of WaitGroup batch has expired, and nothing would count them; remove the ttl, or ',
    ],
  ])('with %j on a WaitGroup with %j is rejected unless it is unchecked', (options, props, sentence) => {
    expect(count(options, props)).toEqual([
      `[test/Group] CronJob work (test/Workload/Resource) ${sentence}set unchecked: true in the options of count`,
    ]);
    expect(count({ ...options, unchecked: true }, props)).toEqual([]);
  });

  it.each<[CountOptions, WaitGroupProps]>([
    [{}, {}],
    [{ add: true }, { initialCount: 1 }],
    [{ add: false }, {}],
  ])('with %j on a WaitGroup with %j is accepted', (options, props) => {
    expect(count(options, props)).toEqual([]);
  });
});

describe('a workload that is held by a label', () => {
  it.each(LASTING)('may start after the ttl: %s', (name) => {
    expect(wait(workloads[name], { by: 'gate' }, { ttl: '1h' })).toEqual([]);
    expect(wait(workloads[name], { by: 'gate', onMissing: 'hold' }, { ttl: '1h' })).toHaveLength(1);
    expect(wait(workloads[name], { by: 'gate', onMissing: 'hold', unchecked: true }, { ttl: '1h' })).toEqual([]);
  });
});
