// Chart.yaml: what Helm and Artifact Hub show of the chart.
import { Yaml } from 'cdk8s';
import { VERSION } from '../../version.ts';
import { KONCLI_IMAGE, OPERATOR_IMAGE } from '../../workloads/images.ts';

const HOME = 'https://github.com/konductor-io/waitgroup';

const crds = [
  {
    ...{ kind: 'WaitGroup', version: 'v1', name: 'waitgroups.konductor.io', displayName: 'WaitGroup' },
    description: 'Counts the outstanding work of any number of workloads, and lets others wait until it is done.',
  },
  {
    ...{ kind: 'WaitGroupWorker', version: 'v1', name: 'waitgroupworkers.konductor.io', displayName: 'Worker' },
    description: 'What one worker has added to a WaitGroup and finished, so that it is counted once.',
  },
];
const example = {
  ...{ apiVersion: 'konductor.io/v1', kind: 'WaitGroup', metadata: { name: 'nightly' } },
  spec: { initialCount: 3, deadline: '2h', ttl: '1h' },
};
const images = [
  { name: 'operator', image: OPERATOR_IMAGE },
  { name: 'koncli', image: KONCLI_IMAGE },
];
const links = [
  { name: 'Guides', url: `${HOME}/blob/main/docs/guides/README.md` },
  { name: 'Changelog', url: `${HOME}/blob/main/CHANGELOG.md` },
  { name: 'Security', url: `${HOME}/security/policy` },
];
const monitoring = 'https://artifacthub.io/packages/helm/prometheus-community/kube-prometheus-stack';
const changes = [{ kind: 'added', description: 'First release', links: [{ name: 'Changelog', url: links[1]?.url }] }];

/** https://artifacthub.io/docs/topics/annotations/helm/ */
const annotations = {
  'artifacthub.io/category': 'integration-delivery',
  'artifacthub.io/license': 'Apache-2.0',
  'artifacthub.io/operator': 'true',
  'artifacthub.io/prerelease': String(VERSION.includes('-')),
  'artifacthub.io/changes': Yaml.stringify(changes),
  'artifacthub.io/crds': Yaml.stringify(crds),
  'artifacthub.io/crdsExamples': Yaml.stringify([example]),
  'artifacthub.io/images': Yaml.stringify(images),
  'artifacthub.io/links': Yaml.stringify(links),
  'artifacthub.io/recommendations': Yaml.stringify([{ url: monitoring }]),
};

/** The text of Chart.yaml. */
export const chartYaml = Yaml.stringify({
  apiVersion: 'v2',
  name: 'konductor',
  description: 'The operator of Konductor WaitGroups, their CRDs, and ClusterRoles for users',
  type: 'application',
  version: VERSION,
  appVersion: VERSION,
  // Required by the ValidatingAdmissionPolicies.
  kubeVersion: '>=1.31.0-0',
  home: HOME,
  icon: `${HOME.replace('github.com', 'raw.githubusercontent.com')}/main/docs/icon.svg`,
  sources: [HOME],
  keywords: ['waitgroup', 'synchronization', 'batch', 'job', 'workflow', 'operator', 'crd'],
  maintainers: [{ name: 'The Konductor authors', url: HOME }],
  annotations,
});
