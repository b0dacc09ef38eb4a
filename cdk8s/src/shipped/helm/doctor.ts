// `helm test` runs koncli doctor, with the permissions to read what it looks at, and no others.
import { App, Chart, JsonPatch } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import { NAMESPACE } from '../../install/operator-deployment.ts';
import { referTo } from '../../rbac/grant.ts';
import { viewRules } from '../../rbac/rules.ts';
import { restrictedContainer, restrictedPod } from '../../workloads/pod-security.ts';
import { imageOf, KONCLI, PULL_SECRETS } from './helpers.ts';
import type { KubeObject } from './kube-object.ts';
import { orDefault, type Patches } from './operator-templates.ts';
import { template } from './templates.ts';

const NAME = 'konductor-doctor';
const HOOK = 'helm.sh/hook';
/** A pod that failed remains, with its logs. */
const hook = { [HOOK]: 'test', [`${HOOK}-delete-policy`]: 'before-hook-creation,hook-succeeded' };
const earlierHook = { ...hook, [`${HOOK}-weight`]: '-1' };

const read = (apiGroup: string, resources: string[]): k8s.PolicyRule => ({
  apiGroups: [apiGroup],
  resources,
  verbs: ['get'],
});
const policies = ['validatingadmissionpolicies', 'mutatingadmissionpolicies'];
const rules: k8s.PolicyRule[] = [
  ...viewRules,
  { apiGroups: ['apps'], resources: ['deployments'], verbs: ['list'] },
  read('admissionregistration.k8s.io', [...policies, ...policies.map((policy) => policy.replace(/ies$/, 'ybindings'))]),
  read('', ['namespaces']),
];

/** The text of templates/tests/doctor.yaml. */
export function doctorTemplate(): string {
  const chart = new Chart(new App(), 'doctor');
  const metadata = { name: NAME, annotations: earlierHook };
  const own = { ...metadata, namespace: NAMESPACE };
  new k8s.KubeServiceAccount(chart, 'Account', { metadata: own, automountServiceAccountToken: false });
  const role = new k8s.KubeClusterRole(chart, 'Role', { metadata, rules });
  const subjects = [{ kind: 'ServiceAccount', name: NAME, namespace: NAMESPACE }];
  new k8s.KubeClusterRoleBinding(chart, 'Binding', { metadata, roleRef: referTo(role), subjects });
  new k8s.KubePod(chart, 'Pod', { metadata: { ...own, annotations: hook }, spec: pod });
  return (chart.toJson() as KubeObject[]).map(hookTemplate).join('');
}

const pod: k8s.PodSpec = {
  serviceAccountName: NAME,
  automountServiceAccountToken: true,
  restartPolicy: 'Never',
  securityContext: restrictedPod(),
  containers: [{ name: 'koncli', securityContext: restrictedContainer(), args: ['doctor', '--for=wait'] }],
};

function hookTemplate(object: KubeObject): string {
  const change: Patches = (p) => [
    JsonPatch.add('/spec/imagePullSecrets', p.optionalYaml(PULL_SECRETS)),
    JsonPatch.add('/spec/containers/0/image', p.value(`${imageOf(KONCLI)} | quote`)),
    JsonPatch.add('/spec/containers/0/imagePullPolicy', p.value(`(${KONCLI}).pullPolicy`)),
    JsonPatch.add('/spec/containers/0/resources', p.yaml('toYaml .Values.resources')),
    ...['nodeSelector', 'tolerations'].map((name) => JsonPatch.add(`/spec/${name}`, p.optional(`.Values.${name}`))),
    JsonPatch.add('/spec/securityContext', p.yaml(orDefault('podSecurityContext', restrictedPod()))),
  ];
  return template(object, { component: 'doctor', change: object.kind === 'Pod' ? change : () => [] });
}
