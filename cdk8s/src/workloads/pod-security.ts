// The requirements of the restricted Pod Security Standard for a pod and each of its containers.
// https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
import type { k8s } from 'cdk8s-plus-27';
import type { Container, PodSpec } from './pod-template.ts';

/** The user of our images. */
const NON_ROOT = 65532;

/** The `securityContext` of a pod. The image names its user, because OpenShift gives each namespace users of its own. */
export const restrictedPod = (): k8s.PodSecurityContext => ({
  runAsNonRoot: true,
  seccompProfile: { type: 'RuntimeDefault' },
});

/** The `securityContext` of each container. */
export const restrictedContainer = (): k8s.SecurityContext => ({
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  readOnlyRootFilesystem: true,
});

/** The `securityContext` of a container of our own image that does not rely on its pod's. */
export function restrictedAlone({ securityContext = {} }: PodSpec) {
  // The container would inherit it, and be refused by the kubelet.
  const user = securityContext.runAsUser === 0 ? { runAsUser: NON_ROOT } : {};
  return { ...restrictedPod(), ...user, ...restrictedContainer() };
}

/**
 * Completes a pod that runs as non-root, which is the default of cdk8s-plus: cdk8s-plus-27 has no seccompProfile and drops no
 * capabilities. Fields that the pod sets are kept; a pod that may run as root is not changed.
 */
export function completeRestricted(pod: PodSpec): PodSpec {
  const { securityContext, containers, initContainers } = pod;
  if (securityContext?.runAsNonRoot !== true) return pod;
  const { seccompProfile } = restrictedPod();
  return {
    ...pod,
    securityContext: { ...securityContext, seccompProfile: securityContext.seccompProfile ?? seccompProfile },
    containers: containers.map(completeContainer),
    ...(initContainers && { initContainers: initContainers.map(completeContainer) }),
  };
}

function completeContainer(container: Container): Container {
  const { securityContext = {} } = container;
  if (securityContext.runAsNonRoot === false || securityContext.privileged === true) return container;
  const { allowPrivilegeEscalation, capabilities } = { ...restrictedContainer(), ...securityContext };
  return { ...container, securityContext: { ...securityContext, allowPrivilegeEscalation, capabilities } };
}
