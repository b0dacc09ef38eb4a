// The chart of main.go.txt.
import { KonductorOperator, WaitGroup } from '@konductor/cdk8s';
import { App, Chart, Duration } from 'cdk8s';
import { Job } from 'cdk8s-plus-27';

/** Synthesizes the chart into a folder. */
export function workingJob(outdir: string): void {
  const app = new App({ outdir });
  const chart = new Chart(app, 'go');
  new KonductorOperator(chart, 'Operator');
  const group = new WaitGroup(chart, 'Group', { metadata: { name: 'nightly' }, ttl: Duration.hours(1) });
  group.addWorkers(new Job(chart, 'Work', { containers: [{ image: 'busybox:1.37', command: ['do-work'] }] }));
  app.synth();
}
