// The part of a rendered pod template that the constructs read, and small edits of it. Pure: each edit returns a new pod.

/** Plain data as rendered, with fields that cdk8s-plus-27 does not know. */
export interface Container {
  readonly name: string;
  readonly command?: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[];
  readonly securityContext?: Readonly<Record<string, unknown>>;
  readonly terminationMessagePolicy?: string;
}

export interface Volume {
  readonly name: string;
}

export interface PodSpec {
  readonly containers: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly volumes?: readonly Volume[];
  readonly imagePullSecrets?: readonly { readonly name?: string }[];
  readonly os?: { readonly name?: string };
  readonly nodeSelector?: Readonly<Record<string, unknown>>;
  readonly restartPolicy?: string;
  readonly serviceAccountName?: string;
  readonly automountServiceAccountToken?: boolean;
  readonly securityContext?: Readonly<Record<string, unknown>>;
}

const WINDOWS = 'windows';

/** Throws for pods that koncli cannot run in. */
export function checkPod(pod: PodSpec | undefined): asserts pod is PodSpec {
  if (!pod?.containers?.length) throw new Error('has no containers; add at least one');
  if (pod.os?.name === WINDOWS || pod.nodeSelector?.['kubernetes.io/os'] === WINDOWS)
    throw new Error('runs on Windows, where koncli is not available; count its work from a pod on Linux');
}

/** Puts the container before all other init containers, which may need what it provides or waits for. */
export function addInitContainer(pod: PodSpec, container: Container): PodSpec {
  const { name } = container;
  if ([...pod.containers, ...(pod.initContainers ?? [])].some((other) => other.name === name))
    throw new Error(`container name "${name}" is reserved for koncli; rename it`);
  return { ...pod, initContainers: [container, ...(pod.initContainers ?? [])] };
}

/** Adds Secrets to those of the pod; the kubelet uses them for image volumes, too. */
export function withPullSecrets<T extends Pick<PodSpec, 'imagePullSecrets'>>(pod: T, names: readonly string[] = []): T {
  const { imagePullSecrets: present = [] } = pod;
  const added = [...new Set(names)].filter((name) => !present.some((secret) => secret.name === name));
  return added.length === 0 ? pod : { ...pod, imagePullSecrets: [...present, ...added.map((name) => ({ name }))] };
}

/** Mounts the token that koncli needs for the API server; cdk8s-plus disables it by default. */
export function withToken(pod: PodSpec, serviceAccountName: string): PodSpec {
  return { ...pod, serviceAccountName, automountServiceAccountToken: true };
}
