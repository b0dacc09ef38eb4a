// The manifests that the project ships: which files there are and what is in them, all in memory.
import { App, Chart, Yaml } from 'cdk8s';
import type { Construct } from 'constructs';
import { WaitGroupCrd } from '../install/crd.ts';
import { KonductorInjection } from '../install/injection.ts';
import { KonductorOperator } from '../install/konductor-operator.ts';
import { KonductorMonitoring } from '../install/monitoring.ts';
import { OPERATOR_LABELS } from '../install/operator-deployment.ts';
import { BatchJob } from '../patterns/batch-job.ts';
import { DynamicWorkers } from '../patterns/dynamic-workers.ts';
import { Pipeline } from '../patterns/pipeline.ts';
import { UserRoles } from '../rbac/roles.ts';

interface Manifest {
  /** Within the folder of the manifests. */
  readonly path: string;
  /** Lines of the comment at the top. */
  readonly about: readonly string[];
  readonly add: (scope: Construct) => void;
}

/** Stands for the user's own image; its commands stand for real work. */
const image = 'debian:12-slim';
const ABOUT_EXAMPLES = [
  'Needs install.yaml, and for koncli in the pods: Kubernetes 1.36 or newer, for its image volumes.',
];

const manifests: readonly Manifest[] = [
  { path: 'crd.yaml', about: ['The WaitGroup resource alone; install.yaml has it too.'], add: addCrd },
  { path: 'install.yaml', about: ['All of Konductor: kubectl apply -f install.yaml'], add: addOperator },
  {
    path: 'user-roles.yaml',
    about: ['What the roles view, edit and admin of a cluster may do with WaitGroups; install.yaml has it too.'],
    add: addUserRoles,
  },
  {
    path: 'install-namespace.yaml',
    about: [
      'An operator for one namespace, which is all that it needs rights in: kubectl apply -n NAMESPACE -f install-namespace.yaml',
      'Somebody with rights on the cluster has applied crd.yaml and user-roles.yaml. Not beside install.yaml.',
    ],
    add: addNamespaceOperator,
  },
  {
    path: 'monitoring.yaml',
    about: [
      'Needs install.yaml, the Prometheus operator (ServiceMonitor, PrometheusRule), and Grafana for the dashboard.',
    ],
    add: addMonitoring,
  },
  {
    path: 'injection.yaml',
    about: [
      'Optional, beside install.yaml: gives every pod labelled konductor.io/waitgroup koncli at /konductor.',
      'Needs Kubernetes 1.36 or newer, for its MutatingAdmissionPolicies.',
    ],
    add: addInjection,
  },
  {
    path: 'examples/batch-job.yaml',
    about: [
      'A Job adds ten workers to a WaitGroup, starts them and waits for them.',
      'The account batch-jobs-worker is for workers in pods of their own.',
      ...ABOUT_EXAMPLES,
    ],
    add: addBatchJob,
  },
  {
    path: 'examples/dynamic-workers.yaml',
    about: ['Each pod of a Deployment adds itself to a WaitGroup, works, and is done.', ...ABOUT_EXAMPLES],
    add: addDynamicWorkers,
  },
  {
    path: 'examples/pipeline.yaml',
    about: ['The second stage begins when all workers of the first, however many, are done.', ...ABOUT_EXAMPLES],
    add: addPipeline,
  },
];

/** The text of every manifest by its path, the same in every run. */
export function synthesizeManifests(): ReadonlyMap<string, string> {
  return new Map(manifests.map((manifest) => [manifest.path, synthesize(manifest)]));
}

function synthesize({ about, add }: Manifest): string {
  const chart = new Chart(new App(), 'manifest');
  add(chart);
  const comment = [...about, 'Generated from cdk8s/src by "npm run synth".'].map((line) => `# ${line}\n`).join('');
  return comment + Yaml.stringify(...chart.toJson());
}

function addCrd(scope: Construct): void {
  new WaitGroupCrd(scope, 'WaitGroupCrd');
}

function addOperator(scope: Construct): void {
  new KonductorOperator(scope, 'KonductorOperator');
}

function addUserRoles(scope: Construct): void {
  new UserRoles(scope, 'UserRoles', { labels: OPERATOR_LABELS });
}

function addNamespaceOperator(scope: Construct): void {
  new KonductorOperator(scope, 'KonductorOperator', { ownNamespaceOnly: true });
}

function addMonitoring(scope: Construct): void {
  new KonductorMonitoring(scope, 'KonductorMonitoring');
}

function addInjection(scope: Construct): void {
  new KonductorInjection(scope, 'KonductorInjection');
}

function addBatchJob(scope: Construct): void {
  new BatchJob(scope, 'BatchJob', {
    name: 'batch-jobs',
    coordinator: 'coordinator',
    ttl: '1h',
    workers: 10,
    work: 'sleep "$i"',
    timeout: '30m',
    image,
  });
}

function addDynamicWorkers(scope: Construct): void {
  new DynamicWorkers(scope, 'DynamicWorkers', {
    name: 'workers',
    worker: 'worker',
    replicas: 5,
    work: 'sleep 30',
    image,
  });
}

function addPipeline(scope: Construct): void {
  new Pipeline(scope, 'Pipeline', {
    stages: [
      { name: 'pipeline-stage', workers: 'echo $(($(date +%s) % 5 + 1))', work: 'sleep "$i"' },
      { name: 'batch-process', workers: 3, work: 'sleep "$i"' },
    ],
    timeout: '30m',
    image,
  });
}
