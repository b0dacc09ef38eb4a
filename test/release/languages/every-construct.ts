// A chart with every construct, as every_construct.py and main.go have it.

import {
  BatchJob,
  DynamicWorkers,
  Koncli,
  KonductorHold,
  KonductorInjection,
  KonductorMonitoring,
  KonductorOperator,
  Pipeline,
  WaitGroup,
} from '@konductor/cdk8s';
import { App, Chart, Duration } from 'cdk8s';
import { Job, k8s, ServiceAccount } from 'cdk8s-plus-27';

const IMAGE = 'busybox:1.37';
const containers = [{ image: IMAGE, command: ['do-work'] }];

/** Synthesizes the chart into a folder. */
export function everyConstruct(outdir: string): void {
  const app = new App({ outdir });
  const chart = new Chart(app, 'every-construct');
  new KonductorOperator(chart, 'Operator', { replicas: 2, nodeSelector: { disk: 'ssd' } });
  new KonductorHold(chart, 'Hold');
  new KonductorInjection(chart, 'Injection');
  new KonductorMonitoring(chart, 'Monitoring', { waitsLongAfter: Duration.hours(2) });

  const group = new WaitGroup(chart, 'Group', { metadata: { name: 'nightly' }, ttl: Duration.hours(1) });
  const job = (id: string) => new Job(chart, id, { containers });
  const [work, counted, report, suspended] = ['Work', 'Counted', 'Report', 'Suspended'].map(job) as [
    Job,
    Job,
    Job,
    Job,
  ];
  group.addWorkers(work, { koncliDelivery: 'initContainer', onFailure: 'fail' });
  group.count(counted);
  group.waitFor(report, { timeout: '30m', minAdded: 2 });
  group.waitFor(suspended, { by: 'suspend' });
  const gated = new k8s.KubeDeployment(chart, 'Gated', {
    spec: {
      selector: { matchLabels: { app: 'gated' } },
      template: { metadata: { labels: { app: 'gated' } }, spec: { containers: [{ name: 'main', image: IMAGE }] } },
    },
  });
  group.waitFor(gated, { by: 'gate' });
  group.grantManager(new ServiceAccount(chart, 'Manager', { metadata: { name: 'manager' } }));
  const scripts = job('Scripts');
  Koncli.addTo(scripts);
  WaitGroup.fromName(chart, 'Other', 'imports').waitFor(scripts, { by: 'label' });

  const coordination = { timeout: '1m', image: IMAGE };
  new BatchJob(chart, 'Batch', {
    name: 'batch',
    coordinator: 'coordinator',
    workers: 2,
    work: 'true',
    ...coordination,
  });
  new Pipeline(chart, 'Pipeline', { ...coordination, stages: [{ name: 'first', workers: 'nproc', work: 'true' }] });
  new DynamicWorkers(chart, 'Dynamic', { name: 'dynamic', worker: 'worker', replicas: 2, work: 'true', image: IMAGE });
  app.synth();
}
