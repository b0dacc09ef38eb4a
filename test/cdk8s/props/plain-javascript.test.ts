// What no compiler looks at before: props of wrong types and those that are missing end in one sentence, too.
import * as konductor from '@konductor/cdk8s';
import { Job } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { describe, expect, it } from 'vitest';
import { synth } from '../synth.ts';

// biome-ignore lint/suspicious/noExplicitAny: what plain JavaScript sees of them
const library: any = konductor;
const { BatchJob, KonductorOperator, Pipeline, WaitGroup, addKoncli } = library;

const metadata = { name: 'batch' };
const stage = { name: 'one', workers: 1, work: 'do' };
const pipeline = { stages: [stage], timeout: '1m', image: 'busybox' };
const batch = { ...stage, coordinator: 'coordinator', timeout: '1m', image: 'busybox' };
const without = (props: object, name: string) => ({ ...props, [name]: undefined });
const job = (scope: Construct) =>
  new Job(scope, 'Job', { metadata, containers: [{ image: 'busybox', command: ['do'] }] });

const waitGroup = (props: object) => (scope: Construct) => new WaitGroup(scope, 'Group', { metadata, ...props });
const group = waitGroup({});
const stages = (given: unknown) => (scope: Construct) => new Pipeline(scope, 'Pipe', { ...pipeline, stages: given });
const pipelineWith = (props: object) => (scope: Construct) => new Pipeline(scope, 'Pipe', props);
const operator = (props: object) => (scope: Construct) => new KonductorOperator(scope, 'Operator', props);

describe('plain JavaScript is told of', () => {
  it.each([
    ['BatchJob', 'name, coordinator, workers, work, timeout and image'],
    ['DynamicWorkers', 'name, worker, replicas, work and image'],
    ['Pipeline', 'stages, timeout and image'],
    ['UserRoles', 'labels'],
  ])('what props a %s needs', (kind, needed) => {
    const sentence = (given: string) => `${kind} test/It: the props are ${given}: write an object with ${needed}`;
    expect(() => synth((scope) => new library[kind](scope, 'It'))).toThrow(sentence('missing'));
    expect(() => synth((scope) => new library[kind](scope, 'It', null))).toThrow(sentence('null'));
    expect(() => synth((scope) => new library[kind](scope, 'It', 'first'))).toThrow(sentence('"first"'));
  });

  it('props that may be left out, and are null', () => {
    const sentence = 'KonductorOperator test/Operator: the props are null: write an object, or leave them out';
    expect(() => synth((scope) => new KonductorOperator(scope, 'Operator', null))).toThrow(sentence);
  });

  it('slips of the pen alone, as constructs of one’s own pass their props on with others', () => {
    const make = (props: object) => () => synth((scope) => new BatchJob(scope, 'Batch', { ...batch, ...props }));
    expect(make({ team: 'blue', stage: 1 })).not.toThrow();
    expect(synth(waitGroup({ ttl: '1h', team: 'blue' }))[0].spec).toEqual({ ttl: '1h' });
    for (const slip of [
      'imagePullSecret',
      'imagePullSecretss',
      'imagePulSecrets',
      'imagePullSecrtes',
      'imagepullsecrets',
    ])
      expect(make({ [slip]: [] }), slip).toThrow(`BatchJob test/Batch: has no prop "${slip}": write imagePullSecrets`);
  });

  it.each<[string, (scope: Construct) => unknown, string]>([
    [
      'a ttl that is a number',
      waitGroup({ ttl: 5 }),
      'WaitGroup test/Group: ttl is 5: write it like 1h30m, or a Duration',
    ],
    [
      'a ttl of null',
      waitGroup({ ttl: null }),
      'WaitGroup test/Group: ttl is null: write it like 1h30m, or a Duration',
    ],
    [
      'a name that is a number',
      waitGroup({ metadata: { name: 5 } }),
      'WaitGroup test/Group: metadata.name is 5: write text',
    ],
    ['a prop that is misspelt', waitGroup({ tll: '1h' }), 'WaitGroup test/Group: has no prop "tll": write ttl'],
    [
      'an account that is another construct',
      (scope) => group(scope).grantWaiter(scope),
      'WaitGroup test/Group: the account is [Chart]: give a ServiceAccount',
    ],
    [
      'a count that is none',
      operator({ replicas: Number.NaN }),
      'KonductorOperator test/Operator: replicas is NaN: write',
    ],
    [
      'an account that is a name',
      (scope) => group(scope).grantWorker('worker'),
      'WaitGroup test/Group: the account is "worker": give a ServiceAccount',
    ],
    [
      'a group without a name',
      (scope) => WaitGroup.fromName(scope, 'Group'),
      'WaitGroup test/Group: the name is missing: write text',
    ],
    ['no stages', pipelineWith({}), 'Pipeline test/Pipe: stages is missing: write a list'],
    ['one stage that is no list', stages(stage), 'Pipeline test/Pipe: stages is [Object]: write a list'],
    [
      'a stage without name',
      stages([without(stage, 'name')]),
      'Pipeline test/Pipe: stages[0].name is missing: write text',
    ],
    [
      'a stage without work',
      stages([without(stage, 'work')]),
      'Pipeline test/Pipe: stages[0].work is missing: write text',
    ],
    [
      'a stage without workers',
      stages([without(stage, 'workers')]),
      'Pipeline test/Pipe: stages[0].workers is missing: write a whole number, or a command that prints one',
    ],
    ['no image', pipelineWith(without(pipeline, 'image')), 'Pipeline test/Pipe: image is missing: write text'],
    [
      'no timeout',
      pipelineWith(without(pipeline, 'timeout')),
      'Pipeline test/Pipe: timeout is missing: write it like 1h30m, or a Duration',
    ],
    [
      'work that is a list',
      stages([{ ...stage, work: ['do'] }]),
      'Pipeline test/Pipe: stages[0].work is [Array]: write text',
    ],
    [
      'a number of workers that is text',
      (scope) => new BatchJob(scope, 'Batch', { ...batch, workers: '3' }),
      'BatchJob test/Batch: workers is "3": write a whole number that is 1 or more',
    ],
    [
      'a number of workers that would be a command',
      stages([{ ...stage, workers: '3' }]),
      'Pipeline test/Pipe: stages[0].workers is "3", which would be a command: write 3',
    ],
    [
      'a count that is text',
      operator({ replicas: '2' }),
      'KonductorOperator test/Operator: replicas is "2": write a whole number',
    ],
    ['an image of null', operator({ image: null }), 'KonductorOperator test/Operator: image is null: write text'],
    [
      'Secrets that are no list',
      operator({ imagePullSecrets: 'registry' }),
      'KonductorOperator test/Operator: imagePullSecrets is "registry": write a list',
    ],
    [
      'an empty list that Kubernetes would read as everything',
      operator({ networkPolicy: { apiServerPorts: [] } }),
      'KonductorOperator test/Operator: networkPolicy.apiServerPorts is empty: give it one at least',
    ],
    [
      'peers that are empty',
      operator({ networkPolicy: { metricsFrom: [{}] } }),
      'networkPolicy.metricsFrom[0] is empty: give it an ipBlock, a namespaceSelector or a podSelector',
    ],
    [
      'a port that is none',
      operator({ networkPolicy: { apiServerPorts: [443, 70_000] } }),
      'networkPolicy.apiServerPorts[1] is 70000: write 65535 at most',
    ],
    [
      'a list where an object is wanted, deep inside',
      operator({
        affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { topologyKey: 'zone' } } },
      }),
      'affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution is [Object]: write a list',
    ],
    [
      'a field that cdk8s-plus would leave out',
      operator({ tolerations: [{ kee: 'gpu' }] }),
      'tolerations[0] has "kee", which is not known there: write key, operator, value, effect or tolerationSeconds',
    ],
    [
      'a label that is none',
      waitGroup({ metadata: { name: 'batch', labels: { team: 'Blau & Grün' } } }),
      'WaitGroup test/Group: metadata.labels.team is "Blau & Grün", which no label can be: write 63 letters',
    ],
    [
      'the key of a label that is none',
      operator({ nodeSelector: { 'my disk': 'ssd' } }),
      'nodeSelector has the key "my disk", which no label has: write it like app or example.com/app',
    ],
    [
      'a name beyond letters, of which an account would be named',
      (scope) =>
        group(scope).addWorkers(new Job(scope, 'Job', { metadata: { name: 'Größe' }, containers: [{ image: 'x' }] })),
      'Job Größe (test/Job/Resource): metadata.name has "Größe", which names no ServiceAccount: write ',
    ],
    [
      'a chart that is no workload',
      (scope) => group(scope).addWorkers(scope),
      'test is no workload: give a Pod, Job, ',
    ],
    [
      'a pattern that is no workload',
      (scope) => group(scope).waitFor(new BatchJob(scope, 'Batch', batch)),
      'test/Batch is no workload: give a Pod, Job, ',
    ],
    ['no worker', (scope) => group(scope).addWorkers(undefined), 'a workload is missing: give a Pod, Job, '],
    ['a waiter by its name', (scope) => group(scope).waitFor('report'), 'a workload is "report": give a Pod, Job, '],
    ['no workload for koncli', () => addKoncli(undefined), 'a workload is missing: give a Pod, Job, '],
    [
      'a command that is no list',
      (scope) => group(scope).addWorkers(job(scope), { command: 'do it' }),
      'Job batch (test/Job/Resource): command is "do it": write a list',
    ],
  ])('%s', (_, build, sentence) => {
    expect(() => synth(build)).toThrow(sentence);
  });
});
