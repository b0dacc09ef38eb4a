// What the MutatingAdmissionPolicies have in common.
import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';

interface Mutation {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly spec: object;
  /** The only namespace with the mutation. */
  readonly namespace?: string | undefined;
}

/** Requests that create objects. The scope is the default one, without which every client-side apply would report "configured". */
export const creation = (apiGroup: string, resource: string) => ({
  ...{ apiGroups: [apiGroup], apiVersions: ['v1'], resources: [resource], operations: ['CREATE'], scope: '*' },
});

/** Nobody waits or works there; what the cluster itself runs does not depend on our policies. */
export const namespaceSelector = {
  matchExpressions: [
    {
      key: 'kubernetes.io/metadata.name',
      operator: 'NotIn',
      values: ['kube-system', 'kube-public', 'kube-node-lease'],
    },
  ],
};

/** A match condition; a mirror pod is created by the kubelet for a static pod, which is already running. */
export const IS_NO_MIRROR_POD = {
  name: 'is-no-mirror-pod',
  expression: "!has(object.metadata.annotations) || !('kubernetes.io/config.mirror' in object.metadata.annotations)",
};

/** A policy that changes objects, and its binding. */
export function addMutation(scope: Construct, { name, labels, spec, namespace }: Mutation): void {
  const common = { apiVersion: 'admissionregistration.k8s.io/v1', metadata: { name, labels } };
  new ApiObject(scope, `${name}-policy`, { ...common, kind: 'MutatingAdmissionPolicy', spec });
  const matchLabels = { 'kubernetes.io/metadata.name': namespace };
  const matchResources = { namespaceSelector: { matchLabels }, objectSelector: {}, matchPolicy: 'Equivalent' };
  const binding = { policyName: name, ...(namespace && { matchResources }) };
  new ApiObject(scope, `${name}-binding`, { ...common, kind: 'MutatingAdmissionPolicyBinding', spec: binding });
}
