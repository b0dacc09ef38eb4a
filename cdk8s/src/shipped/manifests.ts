// The manifests that the project ships: which files there are, and their content, in memory.
import { App, Chart, Yaml } from 'cdk8s';
import type { Construct } from 'constructs';
import { WaitGroupCrd } from '../install/crd.ts';
import { KonductorHold } from '../install/hold.ts';
import { KonductorInjection } from '../install/injection.ts';
import { KonductorOperator } from '../install/konductor-operator.ts';
import { KonductorMonitoring } from '../install/monitoring.ts';
import { NAMESPACE, OPERATOR_LABELS, OPERATOR_NAME } from '../install/operator-deployment.ts';
import { BatchJob } from '../patterns/batch-job.ts';
import { DynamicWorkers } from '../patterns/dynamic-workers.ts';
import { Pipeline } from '../patterns/pipeline.ts';
import { AdmissionPolicies } from '../rbac/admission-policies.ts';
import { HoldRoles } from '../rbac/grant.ts';
import { UserRoles } from '../rbac/roles.ts';
import { addLabelsExample } from './labels-example.ts';

interface Manifest {
  /** Lines of the comment at the top. */
  readonly about: readonly string[];
  readonly add: (scope: Construct) => void;
}

/**
 * Stands for the user's image, and its commands for real work: a shell as a user that is a number, so that no pod has to name one.
 * The resources are those of the pod with the most processes.
 */
const pod = {
  image: 'docker.io/nginxinc/nginx-unprivileged:1.29.3-alpine-slim',
  resources: { requests: { cpu: '50m', memory: '128Mi' }, limits: { cpu: '1', memory: '1Gi' } },
};
const timeout = '30m';
const ABOUT_EXAMPLES = 'Requires install.yaml, and Kubernetes 1.36 or later for the image volume that brings koncli.';

/** A namespace that is not set is the one that kubectl uses. */
const OWN_NAMESPACE = { namespace: undefined };
const OPERATOR = { kind: 'ServiceAccount', name: OPERATOR_NAME };

/** The manifests by their paths within the folder. */
const manifests: Readonly<Record<string, Manifest>> = {
  'crd.yaml': {
    about: ['The CustomResourceDefinitions of WaitGroups and their workers only; install.yaml contains them, too.'],
    add: (scope) => new WaitGroupCrd(scope, 'WaitGroupCrd'),
  },
  'install.yaml': {
    about: ['The complete install of Konductor: kubectl apply -f install.yaml'],
    add: (scope) => new KonductorOperator(scope, 'KonductorOperator'),
  },
  'user-roles.yaml': {
    about: [
      'Permissions on WaitGroups for the ClusterRoles view, edit and admin, and the policies that limit what workers can write:',
      'only the records of their own pods, and no times that start the TTL; install.yaml contains them, too.',
    ],
    add: (scope) => {
      new UserRoles(scope, 'UserRoles', { labels: OPERATOR_LABELS });
      new AdmissionPolicies(scope, 'AdmissionPolicies', { labels: OPERATOR_LABELS });
    },
  },
  'install-namespace.yaml': {
    about: [
      'An operator for one namespace, with permissions in that namespace only: kubectl apply -n NAMESPACE -f install-namespace.yaml',
      'Requires crd.yaml and user-roles.yaml, which a cluster administrator applies. Do not combine it with install.yaml.',
    ],
    add: (scope) => new KonductorOperator(scope, 'KonductorOperator', { ownNamespaceOnly: true }),
  },
  'hold.yaml': {
    about: [
      'Optional, in addition to install.yaml: holds every Job and pod with the label konductor.io/after, until its WaitGroup is done.',
      'Lets the operator release them, and change nothing else of Jobs and pods. The MutatingAdmissionPolicies require Kubernetes',
      '1.36 or later; without them, Jobs set spec.suspend, and pods the scheduling gate konductor.io/after.',
    ],
    add: (scope) => new KonductorHold(scope, 'KonductorHold'),
  },
  'hold-namespace.yaml': {
    about: [
      'Optional, in addition to install-namespace.yaml: kubectl apply -n NAMESPACE -f hold-namespace.yaml',
      'Lets the operator release what is held in its namespace. Jobs set spec.suspend, and pods the scheduling gate',
      'konductor.io/after: the policies that hold by the label, and that deny the operator every other change of Jobs and pods, are',
      'objects of the cluster. Its administrator creates them with KonductorHold of cdk8s.',
    ],
    add: (scope) =>
      new HoldRoles(scope, 'KonductorHold', { labels: OPERATOR_LABELS, subject: OPERATOR, limitedTo: OWN_NAMESPACE }),
  },
  'monitoring.yaml': {
    about: [
      'Requires install.yaml, the Prometheus operator (ServiceMonitor, PrometheusRule), and Grafana for the dashboard.',
    ],
    add: (scope) => new KonductorMonitoring(scope, 'KonductorMonitoring'),
  },
  'injection.yaml': {
    about: [
      'Optional, in addition to install.yaml: injects koncli at /konductor into every pod with the label konductor.io/waitgroup.',
      'Requires Kubernetes 1.36 or later, for MutatingAdmissionPolicy.',
    ],
    add: (scope) => new KonductorInjection(scope, 'KonductorInjection'),
  },
  'examples/batch-job.yaml': {
    about: [
      'A Job that adds ten workers to a WaitGroup, starts them, and waits for them.',
      'The service account batch-jobs-worker is for workers in other pods.',
      ABOUT_EXAMPLES,
    ],
    add: (scope) => {
      const job = { name: 'batch-jobs', coordinator: 'coordinator', ttl: '1h', workers: 10, work: 'sleep "$i"' };
      new BatchJob(scope, 'BatchJob', { ...job, timeout, ...pod });
    },
  },
  'examples/dynamic-workers.yaml': {
    about: [
      'A Deployment whose pods each add themselves to a WaitGroup, work, and mark their work done.',
      ABOUT_EXAMPLES,
    ],
    add: (scope) => {
      const workers = { name: 'workers', worker: 'worker', replicas: 5, work: 'sleep 30', ...pod };
      new DynamicWorkers(scope, 'DynamicWorkers', workers);
    },
  },
  'examples/labels.yaml': {
    about: [
      'Three Jobs that count for a WaitGroup, and a Job and a Deployment that start after them, by labels alone: no pod has koncli,',
      'a token or permissions. Requires install.yaml and hold.yaml.',
    ],
    add: (scope) => addLabelsExample(scope, pod),
  },
  'examples/pipeline.yaml': {
    about: [
      'The second stage starts after all workers of the first stage, however many there are, are done.',
      ABOUT_EXAMPLES,
    ],
    add: (scope) => {
      const stages = [
        { name: 'pipeline-stage', workers: 'echo $(($(date +%s) % 5 + 1))', work: 'sleep "$i"' },
        { name: 'batch-process', workers: 3, work: 'sleep "$i"' },
      ];
      new Pipeline(scope, 'Pipeline', { stages, timeout, ...pod });
    },
  },
};

/** kustomize renames the account and its namespace, and no text of CEL: the policy has to know the account all the same. */
const ACCOUNT = `request.userInfo.username == 'system:serviceaccount:${NAMESPACE}:${OPERATOR_NAME}'`;
const ANY_ACCOUNT = `request.userInfo.username.matches('^system:serviceaccount:[^:]+:[^:]*${OPERATOR_NAME}[^:]*$')`;

/** The text of every manifest by its path, the same in every run. */
export function synthesizeManifests(): ReadonlyMap<string, string> {
  return new Map(Object.entries(manifests).map(([path, manifest]) => [path, synthesize(manifest)]));
}

function synthesize({ about, add }: Manifest): string {
  const chart = new Chart(new App(), 'manifest');
  add(chart);
  const comment = [...about, 'Generated from cdk8s/src by "npm run synth".'].map((line) => `# ${line}\n`).join('');
  return comment + Yaml.stringify(...chart.toJson()).replace(ACCOUNT, () => ANY_ACCOUNT);
}
