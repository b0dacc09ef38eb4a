// A namespace as strict as clusters have them: a policy that rejects what OpenShift's restricted-v2 rejects, and a ResourceQuota on
// all requests and limits.
import { restrictedContainer, restrictedPod } from '../../../cdk8s/src/workloads/pod-security.ts';
import { type AdministratorAccess, administratorRequest } from '../cluster/administrator.ts';
import { createNamespace } from '../cluster/namespaces.ts';
import { type KubectlAccess, kubectlOutput } from '../processes/kubectl.ts';
import { eventually } from '../waiting/eventually.ts';

const NAME = 'restricted-v2.test';
const LABEL = { 'test/strict': 'true' };
const VOLUMES = 'configMap csi downwardAPI emptyDir ephemeral image persistentVolumeClaim projected secret'.split(' ');

const CONTAINERS = 'object.spec.containers + object.spec.?initContainers.orValue([])';
const eachContainer = (condition: string) => `variables.containers.all(c, ${condition})`;
const context = (field: string) => `c.?securityContext.?${field}`;
const not = (path: string) => `!${path}.orValue(false)`;

/** https://github.com/openshift/cluster-kube-apiserver-operator/tree/main/bindata/bootkube/scc-manifests */
const RULES: Readonly<Record<string, string>> = {
  'a user of the namespace’s own range': `!has(object.spec.securityContext.runAsUser) && ${eachContainer(`!${context('runAsUser')}.hasValue()`)}`,
  'a group of the namespace’s own range': '!has(object.spec.securityContext.fsGroup)',
  'the SELinux context of the namespace': `!has(object.spec.securityContext.seLinuxOptions) && ${eachContainer(`!${context('seLinuxOptions')}.hasValue()`)}`,
  'no privileges': eachContainer(`${not(context('privileged'))} && ${not(context('allowPrivilegeEscalation'))}`),
  'no capabilities': eachContainer(`${context('capabilities.?add')}.orValue([]).all(a, a == 'NET_BIND_SERVICE')`),
  'the seccomp profile RuntimeDefault': `object.spec.securityContext.?seccompProfile.?type.orValue('RuntimeDefault') == 'RuntimeDefault' && ${eachContainer(`${context('seccompProfile.?type')}.orValue('RuntimeDefault') == 'RuntimeDefault'`)}`,
  'nothing of the host': `${['hostNetwork', 'hostPID', 'hostIPC'].map((field) => not(`object.spec.?${field}`)).join(' && ')} && ${eachContainer('c.?ports.orValue([]).all(p, !has(p.hostPort))')}`,
  'allowed volumes': `object.spec.?volumes.orValue([]).all(v, ${VOLUMES.map((type) => `has(v.${type})`).join(' || ')})`,
};

const POLICY = {
  failurePolicy: 'Fail',
  matchConstraints: {
    resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], operations: ['CREATE'] }],
    namespaceSelector: { matchLabels: LABEL },
  },
  variables: [{ name: 'containers', expression: CONTAINERS }],
  validations: Object.entries(RULES).map(([message, expression]) => ({
    expression,
    message: `restricted-v2 requires ${message}`,
  })),
};

const AMOUNTS = ['requests.cpu', 'requests.memory', 'limits.cpu', 'limits.memory'];
const all = (amount: string) => Object.fromEntries(AMOUNTS.map((name) => [name, amount]));

/** A pod that only the policy rejects. */
const PROBE = {
  securityContext: { ...restrictedPod(), runAsUser: 1 },
  containers: [
    {
      ...{ name: 'probe', image: 'probe', securityContext: restrictedContainer() },
      resources: { limits: { cpu: '1', memory: '1Gi' } },
    },
  ],
};

/** Resolves when the policy and the quota are enforced. The labels may set a Pod Security Standard. */
export async function createStrictNamespace(
  access: AdministratorAccess & KubectlAccess,
  labels: Readonly<Record<string, string>> = {},
): Promise<string> {
  const namespace = await createNamespace(access, 'strict', { ...LABEL, ...labels });
  await kubectlOutput(access, ['apply', '--server-side', '-f', '-'], { input: JSON.stringify(objects(namespace)) });
  // What the controller of quotas does before the API server enforces one.
  const status = JSON.stringify({ status: { hard: all('10T'), used: all('0') } });
  await kubectlOutput(access, [
    ...['patch', 'resourcequota', 'quota', '-n', namespace],
    ...['--subresource=status', '--type=merge', '-p', status],
  ]);
  const isEnforced = async () =>
    (await createPod(access, namespace, { spec: PROBE }))?.includes('restricted-v2 requires');
  await eventually('the enforcement of the policy', isEnforced);
  return namespace;
}

/** Resolves to the reason if the API server rejects it. */
export async function createPod(
  access: AdministratorAccess,
  namespace: string,
  { metadata, spec }: { readonly metadata?: { readonly labels?: object }; readonly spec: object },
): Promise<string | undefined> {
  const body = { apiVersion: 'v1', kind: 'Pod', metadata: { labels: metadata?.labels, generateName: 'pod-' }, spec };
  const path = `/api/v1/namespaces/${namespace}/pods`;
  return administratorRequest(access, { method: 'POST', path, body }).then(
    () => undefined,
    (error: Error) => error.message,
  );
}

function objects(namespace: string): object {
  const admission = (kind: string, spec: object) => {
    return { apiVersion: 'admissionregistration.k8s.io/v1', kind, metadata: { name: NAME }, spec };
  };
  const items = [
    admission('ValidatingAdmissionPolicy', POLICY),
    admission('ValidatingAdmissionPolicyBinding', { policyName: NAME, validationActions: ['Deny'] }),
    { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'quota', namespace }, spec: { hard: all('10T') } },
  ];
  return { apiVersion: 'v1', kind: 'List', items };
}
