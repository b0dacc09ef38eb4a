// One workload of each kind that addWorkers and waitFor take: cdk8s-plus constructs as users write them, and bare API objects.
import { Cron } from 'cdk8s';
import * as kplus from 'cdk8s-plus-27';
import { k8s } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import type { Manifest } from './synth.ts';

const metadata = { name: 'work' };
const labels = { app: 'work' };
const command = ['do-work', '--all'];
const containers = [{ image: 'busybox:1.37', command }];
const base = { metadata, containers };
/** Not by the hash of the construct's path, as the guide says. */
const selected = { ...base, podMetadata: { labels }, select: false };

function select<T extends kplus.Workload>(workload: T): T {
  workload.select(kplus.LabelSelector.of({ labels }));
  return workload;
}

const headless = (scope: Construct) =>
  new kplus.Service(scope, 'Service', { metadata, clusterIP: 'None', ports: [{ port: 80 }] });

const amounts = { cpu: k8s.Quantity.fromString('10m'), memory: k8s.Quantity.fromString('64Mi') };
const resources = { requests: amounts, limits: amounts };

const podSpec = (restartPolicy?: string): k8s.PodSpec => ({
  ...(restartPolicy && { restartPolicy }),
  serviceAccountName: 'own',
  securityContext: { runAsNonRoot: true },
  containers: [{ name: 'main', image: 'busybox:1.37', command, resources }],
});
const template = (restartPolicy?: string) => ({ metadata: { labels }, spec: podSpec(restartPolicy) });
const selector = { matchLabels: labels };

/** The workloads by class name. Each is named `work` and has one container with the command `do-work --all`. */
export const workloads = {
  Job: (scope: Construct) => new kplus.Job(scope, 'Workload', base),
  CronJob: (scope: Construct) => new kplus.CronJob(scope, 'Workload', { ...base, schedule: Cron.daily() }),
  Pod: (scope: Construct) => new kplus.Pod(scope, 'Workload', { ...base, restartPolicy: kplus.RestartPolicy.NEVER }),
  Deployment: (scope: Construct) => select(new kplus.Deployment(scope, 'Workload', selected)),
  StatefulSet: (scope: Construct) =>
    select(new kplus.StatefulSet(scope, 'Workload', { ...selected, service: headless(scope) })),
  DaemonSet: (scope: Construct) => select(new kplus.DaemonSet(scope, 'Workload', selected)),
  KubeJob: (scope: Construct) =>
    new k8s.KubeJob(scope, 'Workload', {
      metadata,
      spec: { parallelism: 3, completions: 3, completionMode: 'Indexed', template: template('Never') },
    }),
  KubeDeployment: (scope: Construct) =>
    new k8s.KubeDeployment(scope, 'Workload', { metadata, spec: { replicas: 2, selector, template: template() } }),
};

export type WorkloadName = keyof typeof workloads;
export const workloadNames = Object.keys(workloads) as WorkloadName[];
/** The kind in the API. */
export const kindOf = (name: WorkloadName) => name.replace('Kube', '');

/** The template of a workload's pods; a Pod is its own. */
export function templateOf({ kind, metadata, spec }: Manifest): Manifest | undefined {
  if (kind === 'Pod') return { metadata, spec };
  return kind === 'CronJob' ? spec.jobTemplate.spec.template : spec?.template;
}
