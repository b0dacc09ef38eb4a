// Whole charts as text, so that a review shows every change of what users apply.
import { WaitGroup } from '@konductor/cdk8s';
import { Cron, Duration, Yaml } from 'cdk8s';
import { CronJob, Deployment, Job, LabelSelector } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { expect, it } from 'vitest';
import { synth } from '../../synth.ts';

const text = (build: (scope: Construct) => void) => Yaml.stringify(...synth(build));
const containers = [{ image: 'my-app:1', command: ['do-work'], args: ['--all'] }];

it('renders a Job that works, and a Deployment that waits for it', () => {
  const chart = text((scope) => {
    const group = new WaitGroup(scope, 'Group', { metadata: { name: 'nightly' }, deadline: Duration.hours(1) });
    group.addWorkers(new Job(scope, 'Work', { metadata: { name: 'work' }, containers }));
    const labels = { app: 'report' };
    const report = { metadata: { name: 'report' }, podMetadata: { labels }, select: false, replicas: 1, containers };
    const deployment = new Deployment(scope, 'Report', report);
    deployment.select(LabelSelector.of({ labels }));
    group.waitFor(deployment, { timeout: '30m' });
  });
  expect(chart).toMatchSnapshot();
});

it('renders a CronJob that works for a group created elsewhere, on a cluster without image volumes', () => {
  const chart = text((scope) => {
    const cron = { metadata: { name: 'work' }, schedule: Cron.daily(), containers };
    const group = WaitGroup.fromName(scope, 'Group', 'nightly');
    group.addWorkers(new CronJob(scope, 'Work', cron), {
      koncliDelivery: 'initContainer',
      add: false,
      unchecked: true,
    });
  });
  expect(chart).toMatchSnapshot();
});
