// The part of a rendered pod template that the constructs look at, and small edits of it. Pure: each returns a new one.

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
  readonly restartPolicy?: string;
  readonly serviceAccountName?: string;
  readonly automountServiceAccountToken?: boolean;
  readonly securityContext?: Readonly<Record<string, unknown>>;
}

/** Before all other init containers: those may need what this one brings or waits for. */
export function addInitContainer(pod: PodSpec, container: Container): PodSpec {
  return { ...pod, initContainers: [container, ...(pod.initContainers ?? [])] };
}

/** koncli talks to the API server; cdk8s-plus gives pods no token. */
export function withToken(pod: PodSpec, serviceAccountName: string): PodSpec {
  return { ...pod, serviceAccountName, automountServiceAccountToken: true };
}
