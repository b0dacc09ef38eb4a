// What the restricted Pod Security Standard asks of a pod and of each of its containers.
// https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
import type { k8s } from 'cdk8s-plus-27';

/** By number, as images without a user of their own run as root, and a name is not known to be another. */
const NON_ROOT = 65532;

/** For `spec.securityContext`. */
export const restrictedPod = (): k8s.PodSecurityContext => ({
  runAsNonRoot: true,
  runAsUser: NON_ROOT,
  runAsGroup: NON_ROOT,
  seccompProfile: { type: 'RuntimeDefault' },
});

/** For each container's `securityContext`. */
export const restrictedContainer = (): k8s.SecurityContext => ({
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  readOnlyRootFilesystem: true,
});
