import { WaitGroup, type WaitGroupProps } from '@konductor/cdk8s';
import { WaitGroupSpec } from '@konductor/schema';
import { App, Chart, Duration } from 'cdk8s';
import { ServiceAccount } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { describe, expect, it } from 'vitest';
import { pick, synth } from '../synth.ts';

const metadata = { name: 'batch' };
const render = (props: WaitGroupProps) =>
  pick(
    synth((scope) => new WaitGroup(scope, 'Group', props)),
    'WaitGroup',
  );

describe('WaitGroup', () => {
  it('renders its metadata and nothing else if no field is set', () => {
    expect(render({ metadata })).toEqual({ apiVersion: 'konductor.io/v1', kind: 'WaitGroup', metadata });
  });

  it('renders every field of the schema and no status', () => {
    const spec = { ttl: '1h30m', deadline: '30m', initialCount: 3, workerPolicy: 'Release' } as const;
    expect(Object.keys(spec).sort()).toEqual(Object.keys(WaitGroupSpec.properties).sort());
    expect(render({ metadata, ...spec })).toEqual({
      ...{ apiVersion: 'konductor.io/v1', kind: 'WaitGroup', metadata, spec },
    });
  });

  it.each([
    [Duration.hours(1), '1h0m0s'],
    [Duration.minutes(90), '1h30m0s'],
    [Duration.millis(500), '500ms'],
    [Duration.days(30), '720h0m0s'],
    [Duration.seconds(0), '0s'],
    ['1.5h', '1.5h'],
  ])('renders the ttl %s as %s', (ttl, text) => {
    expect(render({ metadata, ttl }).spec.ttl).toBe(text);
  });

  it.each([
    [Duration.minutes(30), '30m0s'],
    ['1ns', '1ns'],
  ])('renders the deadline %s as %s', (deadline, text) => {
    expect(render({ metadata, deadline }).spec).toEqual({ deadline: text });
  });

  it.each<[object, string]>([
    [
      { ttl: '1d' },
      'ttl "1d" is not a valid duration; use a format like 1h30m, 90s or 500ms, with h as the largest unit',
    ],
    [{ ttl: '' }, 'ttl "" is not a valid duration; use a format like 1h30m, 90s or 500ms, with h as the largest unit'],
    [{ ttl: '-1h' }, 'ttl "-1h" is negative; use 0s to delete it immediately'],
    [{ ttl: '2562048h' }, 'ttl "2562048h" is too long; the maximum duration is 2562047h'],
    [{ ttl: Duration.days(200_000) }, 'ttl "4800000h0m0s" is too long; '],
    [{ ttl: 5 }, 'ttl is 5; write it like 1h30m, or pass a Duration of cdk8s'],
    [{ deadline: '1 hour' }, 'deadline "1 hour" is not a valid duration; use a format like 1h30m, '],
    [{ deadline: '0s' }, 'deadline "0s" is not above zero; leave it out for no deadline'],
    [{ deadline: Duration.seconds(0) }, 'deadline "0s" is not above zero; leave it out for no deadline'],
    [{ deadline: '-1h' }, 'deadline "-1h" is not above zero; leave it out for no deadline'],
    [{ initialCount: -1 }, 'initialCount is -1; it must be an integer from 0 to 2147483647'],
    [{ initialCount: 1.5 }, 'initialCount is 1.5; it must be an integer from 0 to 2147483647'],
    [{ metadata: { name: 'Nightly_Run' } }, 'metadata.name "Nightly_Run" is not a DNS label; use 1 to 63 lowercase '],
    [{ metadata: { namespace: 'My_Team' } }, 'metadata.namespace "My_Team" is not a DNS label; use 1 to 63 lowercase '],
  ])('rejects %j with a sentence that names the construct and the field', (props, sentence) => {
    expect(() => render({ metadata, ...props })).toThrow(`WaitGroup test/Group: ${sentence}`);
  });

  it('rejects a name that another WaitGroup of the chart has, but not one of another chart', () => {
    const make = (scope: Construct, id: string) => new WaitGroup(scope, id, { metadata });
    expect(() => synth((scope) => [make(scope, 'A'), make(scope, 'B')])).toThrow(
      /^WaitGroup test\/B: test\/A already creates "batch" in this chart; choose another name, or use WaitGroup.fromName$/,
    );
    const app = new App();
    expect(() => ['staging', 'production'].map((id) => make(new Chart(app, id), 'A'))).not.toThrow();
  });

  it('has the name of its object, set or generated', () => {
    let [given, made] = ['', ''];
    const manifests = synth((scope) => {
      given = new WaitGroup(scope, 'Given', { metadata }).name;
      made = new WaitGroup(scope, 'Made').name;
    });
    expect(manifests.map((object) => object.metadata.name)).toEqual([given, made]);
    expect(given).toBe('batch');
  });
});

const account = (scope: Construct, name: string, namespace?: string) =>
  new ServiceAccount(scope, name, { metadata: { name, namespace } });

describe('grants', () => {
  const group = { apiGroups: ['konductor.io'], resourceNames: ['batch'] };
  const read = { ...group, resources: ['waitgroups'], verbs: ['get', 'list', 'watch'] };
  const manage = { ...read, verbs: [...read.verbs, 'create', 'update', 'patch', 'delete'] };
  const emit = { apiGroups: [''], resources: ['events'], verbs: ['create'] };
  const write = { ...group, resources: ['waitgroups/status'], verbs: ['update'] };
  const records = (...verbs: string[]) => ({ apiGroups: ['konductor.io'], resources: ['waitgroupworkers'], verbs });
  const report = { ...group, resources: ['waitgroups/report'], verbs: ['create'] };
  const release = { ...group, resources: ['waitgroups/manage'], verbs: ['update'] };

  it.each([
    ['grantWorker', 'batch-worker', [read, report, records('create', 'get', 'list', 'patch')]],
    ['grantCoordinator', 'batch-coordinator', [read, records('list'), write]],
    ['grantWaiter', 'batch-waiter', [read, records('list')]],
    ['grantManager', 'batch-manager', [manage, write, release, records('create', 'get', 'list', 'patch'), emit]],
  ] as const)('%s grants exactly the permissions that koncli uses, on this WaitGroup only', (grant, name, rules) => {
    const manifests = synth((scope) => {
      const group = new WaitGroup(scope, 'Group', { metadata: { ...metadata, namespace: 'jobs' } });
      for (const name of ['one', 'two']) group[grant](account(scope, name, 'jobs'));
    });
    expect(pick(manifests, 'Role')).toMatchObject({ metadata: { name, namespace: 'jobs' }, rules });
    expect(pick(manifests, 'RoleBinding')).toMatchObject({
      metadata: { name, namespace: 'jobs' },
      roleRef: { kind: 'Role', name },
      subjects: ['one', 'two'].map((name) => ({ kind: 'ServiceAccount', name, namespace: 'jobs' })),
    });
  });

  it('name an account only once', () => {
    const manifests = synth((scope) => {
      const group = new WaitGroup(scope, 'Group', { metadata });
      const worker = account(scope, 'one');
      for (let i = 0; i < 2; i++) group.grantWorker(worker);
    });
    expect(pick(manifests, 'RoleBinding').subjects).toHaveLength(1);
  });
});

describe('WaitGroup.fromName', () => {
  /** A chart that grants its own account "one" the permissions of a waiter. */
  const referring = (namespace: string, options?: { namespace: string }) => {
    const chart = new Chart(new App(), 'test', { namespace });
    const group = WaitGroup.fromName(chart, 'Group', 'batch', options);
    group.grantWaiter(account(chart, 'one'));
    return { group, manifests: chart.toJson() };
  };

  it('creates no WaitGroup, and is in the namespace of the chart by default', () => {
    const { group, manifests } = referring('jobs');
    expect(manifests.map(({ kind }) => kind)).not.toContain('WaitGroup');
    expect([group.name, group.namespace]).toEqual(['batch', 'jobs']);
    expect(referring('jobs', { namespace: 'other' }).group.namespace).toBe('other');
  });

  it.each([
    ['jobs', 'batch-waiter-one'],
    ['red', 'batch-waiter-red:one'],
  ])('binds an account in %s by itself as %s, because other charts have accounts of that name', (namespace, name) => {
    const { manifests } = referring(namespace, { namespace: 'jobs' });
    const metadata = { name, namespace: 'jobs' };
    expect(pick(manifests, 'Role')).toMatchObject({ metadata });
    expect(pick(manifests, 'RoleBinding')).toMatchObject({ metadata, subjects: [{ name: 'one', namespace }] });
  });

  it('rejects an invalid name', () => {
    expect(() => synth((scope) => WaitGroup.fromName(scope, 'Group', 'a/b'))).toThrow(
      /^WaitGroup test\/Group: name "a\/b" is not a DNS label; use /,
    );
  });
});
