// What the restricted Pod Security Standard asks of a pod and of each of its containers.
// https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
import type { k8s } from 'cdk8s-plus-27';
import type { Container, PodSpec } from './pod-template.ts';

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

/** For a container in a pod of which nothing is known. */
export const restrictedAlone = () => ({ ...restrictedPod(), ...restrictedContainer() });

/**
 * Completes a pod that runs as non-root, as every pod of cdk8s-plus does unless told otherwise: cdk8s-plus-27 has no
 * seccompProfile and drops no capabilities. What the pod says itself stays; a pod that may run as root is left alone.
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
