// What no compiler looks at before: props of wrong types and those that are missing end in one sentence, too.
import * as konductor from '@konductor/cdk8s';
import { Job } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { describe, expect, it } from 'vitest';
import { synth } from './synth.ts';

// biome-ignore lint/suspicious/noExplicitAny: what plain JavaScript sees of them
const { BatchJob, KonductorOperator, Pipeline, WaitGroup, addKoncli }: any = konductor;

const metadata = { name: 'batch' };
const stage = { name: 'one', workers: 1, work: 'do' };
const pipeline = { stages: [stage], timeout: '1m', image: 'busybox' };
const batch = { ...pipeline, ...stage, coordinator: 'coordinator' };
const without = (props: object, name: string) => ({ ...props, [name]: undefined });
const job = (scope: Construct) =>
  new Job(scope, 'Job', { metadata, containers: [{ image: 'busybox', command: ['do'] }] });

const waitGroup = (props: object) => (scope: Construct) => new WaitGroup(scope, 'Group', { metadata, ...props });
const group = waitGroup({});
const stages = (given: unknown) => (scope: Construct) => new Pipeline(scope, 'Pipe', { ...pipeline, stages: given });
const pipelineWith = (props: object) => (scope: Construct) => new Pipeline(scope, 'Pipe', props);
const operator = (props: object) => (scope: Construct) => new KonductorOperator(scope, 'Operator', props);

describe('plain JavaScript is told of', () => {
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
      'WaitGroup test/Group: the name is 5: write text',
    ],
    [
      'a prop that is misspelt',
      waitGroup({ tll: '1h' }),
      'WaitGroup test/Group: has no prop "tll": write metadata, ttl or initialCount',
    ],
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
    ['a stage without name', stages([without(stage, 'name')]), 'Pipeline test/Pipe: the name is missing: write text'],
    ['a stage without work', stages([without(stage, 'work')]), 'Pipeline test/Pipe: work is missing: write text'],
    [
      'a stage without workers',
      stages([without(stage, 'workers')]),
      'Pipeline test/Pipe: workers is missing: write text',
    ],
    ['no image', pipelineWith(without(pipeline, 'image')), 'Pipeline test/Pipe: image is missing: write text'],
    [
      'no timeout',
      pipelineWith(without(pipeline, 'timeout')),
      'Pipeline test/Pipe: timeout is missing: write it like 1h30m, or a Duration',
    ],
    ['work that is a list', stages([{ ...stage, work: ['do'] }]), 'Pipeline test/Pipe: work is [Array]: write text'],
    [
      'a number of workers that is text',
      (scope) => new BatchJob(scope, 'Batch', { ...batch, workers: '3' }),
      'BatchJob test/Batch: workers is "3", which would be a command: write 3',
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
