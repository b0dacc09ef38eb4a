import { WaitGroup, type WaitGroupProps } from '@konductor/cdk8s';
import { Duration } from 'cdk8s';
import { ServiceAccount } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { describe, expect, it } from 'vitest';
import { pick, synth } from './synth.ts';

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

  it('renders every field of the spec and no status', () => {
    expect(render({ metadata, ttl: '1h30m', initialCount: 3 })).toEqual({
      apiVersion: 'konductor.io/v1',
      kind: 'WaitGroup',
      metadata,
      spec: { ttl: '1h30m', initialCount: 3 },
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
    [{ initialCount: -1 }, /^WaitGroup test\/Group: .*spec\.initialCount must be >= 0$/],
    [{ initialCount: 1.5 }, /^WaitGroup test\/Group: .*spec\.initialCount must be integer$/],
  ])('refuses %j with a message that names the group and the field', (props, message) => {
    expect(() => render({ metadata, ...props })).toThrow(message);
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
  const write = {
    apiGroups: ['konductor.io'],
    resources: ['waitgroups/status'],
    resourceNames: ['batch'],
    verbs: ['update'],
  };

  it.each([
    ['grantWorker', 'batch-worker', [read, write]],
    ['grantWaiter', 'batch-waiter', [read]],
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

  it('makes no role until something is granted', () => {
    expect(synth((scope) => new WaitGroup(scope, 'Group', { metadata }))).toHaveLength(1);
  });
});
