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
  it('renders its metadata and nothing else when no field is given', () => {
    expect(render({ metadata })).toEqual({ apiVersion: 'konductor.io/v1', kind: 'WaitGroup', metadata });
  });

  it('renders every field that the schema knows and no status', () => {
    const spec = { ttl: '1h30m', initialCount: 3 };
    expect(Object.keys(spec).sort()).toEqual(Object.keys(WaitGroupSpec.properties).sort());
    expect(render({ metadata, ...spec })).toEqual({
      apiVersion: 'konductor.io/v1',
      kind: 'WaitGroup',
      metadata,
      spec,
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
    [{ ttl: '1d' }, 'WaitGroup test/Group: ttl "1d" is not a duration; write it like 1h30m, 90s or 500ms'],
    [{ ttl: '' }, 'WaitGroup test/Group: ttl "" is not a duration; write it like 1h30m, 90s or 500ms'],
    [{ ttl: '-1h' }, 'WaitGroup test/Group: ttl "-1h" is negative; write 0s to have it deleted at once'],
    [{ ttl: '2562048h' }, 'WaitGroup test/Group: ttl "2562048h" is too long a duration; the limit is 2562047h'],
    [{ initialCount: -1 }, 'WaitGroup test/Group: initialCount is -1: write a whole number that is 0 or more'],
    [{ initialCount: 1.5 }, 'WaitGroup test/Group: initialCount is 1.5: write a whole number that is 0 or more'],
    [
      { metadata: { name: 'Nightly_Run' } },
      'WaitGroup test/Group: metadata.name "Nightly_Run" is no DNS label: write 1 to 63 lower-case letters, digits and hyphens',
    ],
  ])('refuses %j with a message that names the group and the field', (props, message) => {
    expect(() => render({ metadata, ...props })).toThrow(message);
  });

  it('refuses a namespace that is none, and a ttl that is too long for Go', () => {
    const make = (props: WaitGroupProps) => () => synth((scope) => new WaitGroup(scope, 'G', props));
    expect(make({ metadata: { namespace: 'My_Team' } })).toThrow(
      /^WaitGroup test\/G: metadata\.namespace "My_Team" is no DNS/,
    );
    expect(make({ ttl: Duration.days(200_000) })).toThrow(
      /^WaitGroup test\/G: ttl "4800000h0m0s" is too long a duration; /,
    );
  });

  it('refuses a name that another construct of the chart has, but not one of another chart', () => {
    const make = (scope: Construct, id: string) => new WaitGroup(scope, id, { metadata: { name: 'batch' } });
    expect(() => synth((scope) => [make(scope, 'A'), make(scope, 'B')])).toThrow(
      /^WaitGroup test\/B: test\/A makes "batch" in this chart already: choose another name, or refer to it by fromName$/,
    );
    const app = new App();
    expect(() => ['staging', 'production'].map((id) => make(new Chart(app, id), 'A'))).not.toThrow();
  });

  it('is named as its object is, with or without a name given', () => {
    let [given, made] = ['', ''];
    const manifests = synth((scope) => {
      given = new WaitGroup(scope, 'Given', { metadata }).name;
      made = new WaitGroup(scope, 'Made').name;
    });
    expect(manifests.map((object) => object.metadata.name)).toEqual([given, made]);
    expect(given).toBe('batch');
  });
});

describe('grants', () => {
  const account = (scope: Construct, name: string) =>
    new ServiceAccount(scope, name, { metadata: { name, namespace: 'jobs' } });
  const read = {
    apiGroups: ['konductor.io'],
    resources: ['waitgroups'],
    resourceNames: ['batch'],
    verbs: ['get', 'list', 'watch'],
  };
  const manage = { ...read, verbs: [...read.verbs, 'create', 'update', 'patch', 'delete'] };
  const tell = { apiGroups: [''], resources: ['events'], verbs: ['create'] };
  const write = {
    apiGroups: ['konductor.io'],
    resources: ['waitgroups/status'],
    resourceNames: ['batch'],
    verbs: ['update'],
  };

  it.each([
    ['grantWorker', 'batch-worker', [read, write]],
    ['grantWaiter', 'batch-waiter', [read]],
    ['grantManager', 'batch-manager', [manage, write, tell]],
  ] as const)('%s gives exactly the rights that koncli uses, on this group only', (grant, name, rules) => {
    const manifests = synth((scope) => {
      const group = new WaitGroup(scope, 'Group', { metadata: { ...metadata, namespace: 'jobs' } });
      group[grant](account(scope, 'one'));
      group[grant](account(scope, 'two'));
    });
    expect(pick(manifests, 'Role')).toMatchObject({ metadata: { name, namespace: 'jobs' }, rules });
    const binding = pick(manifests, 'RoleBinding');
    expect(binding).toMatchObject({ metadata: { name, namespace: 'jobs' }, roleRef: { kind: 'Role', name } });
    expect(
      binding.subjects.map((subject: { name: string; namespace: string }) => [subject.name, subject.namespace]),
    ).toEqual([
      ['one', 'jobs'],
      ['two', 'jobs'],
    ]);
  });

  it('names an account once, however often it is granted the same', () => {
    const manifests = synth((scope) => {
      const group = new WaitGroup(scope, 'Group', { metadata });
      const worker = account(scope, 'one');
      for (let i = 0; i < 2; i++) group.grantWorker(worker);
    });
    expect(pick(manifests, 'RoleBinding').subjects).toHaveLength(1);
  });

  it('makes no role until something is granted', () => {
    expect(synth((scope) => new WaitGroup(scope, 'Group', { metadata }))).toHaveLength(1);
  });
});

describe('WaitGroup.fromName', () => {
  const named = (options?: { namespace: string }) => {
    const chart = new Chart(new App(), 'test', { namespace: 'jobs' });
    const group = WaitGroup.fromName(chart, 'Group', 'batch', options);
    group.grantWorker(new ServiceAccount(chart, 'Account', { metadata: { name: 'one' } }));
    return { group, manifests: chart.toJson() };
  };

  it('makes no group, and is in the chart’s namespace unless told otherwise', () => {
    const { group, manifests } = named();
    expect(manifests.map(({ kind }) => kind)).not.toContain('WaitGroup');
    expect([group.name, group.namespace]).toEqual(['batch', 'jobs']);
    expect(named({ namespace: 'other' }).group.namespace).toBe('other');
  });

  it('binds each account by itself, as other charts bind theirs', () => {
    const metadata = { name: 'batch-worker-one', namespace: 'jobs' };
    expect(pick(named().manifests, 'Role')).toMatchObject({ metadata });
    expect(pick(named().manifests, 'RoleBinding')).toMatchObject({ metadata, subjects: [{ name: 'one' }] });
  });

  it('keeps accounts of one name in two namespaces apart, as their charts do not know of each other', () => {
    const bindingsIn = (namespace: string) => {
      const chart = new Chart(new App(), namespace, { namespace });
      const group = WaitGroup.fromName(chart, 'Group', 'batch', { namespace: 'jobs' });
      group.grantWaiter(new ServiceAccount(chart, 'Account', { metadata: { name: 'one' } }));
      return pick(chart.toJson(), 'RoleBinding').metadata;
    };
    expect(bindingsIn('red')).toEqual({ name: 'batch-waiter-red:one', namespace: 'jobs' });
    expect(bindingsIn('blue')).toEqual({ name: 'batch-waiter-blue:one', namespace: 'jobs' });
    expect(bindingsIn('jobs')).toEqual({ name: 'batch-waiter-one', namespace: 'jobs' });
  });

  it('refuses what is no name', () => {
    expect(() => synth((scope) => WaitGroup.fromName(scope, 'Group', 'a/b'))).toThrow(
      /^WaitGroup test\/Group: the name "a\/b" is no DNS label/,
    );
  });
});
