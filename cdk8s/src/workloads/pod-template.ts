// The part of a rendered pod template that the constructs look at, and small edits of it. Pure: each returns a new one.
import { checkFlag, checkIsText } from '../props/rules.ts';
import { listOf, objectWith, optional, type Shape } from '../props/shapes.ts';

/** As rendered: plain data, with fields that cdk8s-plus-27 does not know. */
export interface Container {
  readonly name: string;
  readonly command?: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
  readonly volumeMounts?: readonly VolumeMount[];
  readonly securityContext?: Readonly<Record<string, unknown>>;
}

export interface VolumeMount {
  readonly name: string;
  readonly mountPath: string;
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

const named = objectWith({ name: checkIsText });
const containers = listOf(
  objectWith<Container>({
    name: checkIsText,
    command: optional(listOf(checkIsText)),
    env: optional(listOf(named)),
    volumeMounts: optional(listOf(objectWith<VolumeMount>({ name: checkIsText, mountPath: checkIsText }))),
    securityContext: optional(objectWith({})),
  }),
);
const WINDOWS = 'windows';
const SHAPE: Shape<PodSpec> = {
  containers,
  initContainers: optional(containers),
  volumes: optional(listOf(named)),
  imagePullSecrets: optional(listOf(objectWith({}))),
  os: optional(objectWith({})),
  nodeSelector: optional(objectWith({})),
  restartPolicy: optional(checkIsText),
  serviceAccountName: optional(checkIsText),
  automountServiceAccountToken: optional(checkFlag),
  securityContext: optional(objectWith({})),
};

/** Throws a sentence where it is not what its type says, which objects in plain JavaScript may well be. */
export function checkPod(pod: unknown): asserts pod is PodSpec {
  if (!(pod as Partial<PodSpec> | undefined)?.containers?.length)
    throw new Error('has no containers: give it one at least');
  objectWith(SHAPE)(pod, 'its pod');
  const { os, nodeSelector } = pod as PodSpec;
  if (os?.name === WINDOWS || nodeSelector?.['kubernetes.io/os'] === WINDOWS)
    throw new Error('runs on Windows, for which there is no koncli: have a pod on Linux count for it');
}

/** Before all other init containers: those may need what this one brings or waits for. Throws when its name is taken. */
export function addInitContainer(pod: PodSpec, container: Container): PodSpec {
  const { name } = container;
  if ([...pod.containers, ...(pod.initContainers ?? [])].some((other) => other.name === name))
    throw new Error(`has a container "${name}", which is what koncli's is called: give it another name`);
  return { ...pod, initContainers: [container, ...(pod.initContainers ?? [])] };
}

/** Beside those that the pod has; they serve the image of a volume, too. */
export function withPullSecrets<T extends Pick<PodSpec, 'imagePullSecrets'>>(pod: T, names: readonly string[] = []): T {
  const { imagePullSecrets: present = [] } = pod;
  const added = [...new Set(names)].filter((name) => !present.some((secret) => secret.name === name));
  return added.length === 0 ? pod : { ...pod, imagePullSecrets: [...present, ...added.map((name) => ({ name }))] };
}

/** koncli talks to the API server; cdk8s-plus gives pods no token. */
export function withToken(pod: PodSpec, serviceAccountName: string): PodSpec {
  return { ...pod, serviceAccountName, automountServiceAccountToken: true };
}
