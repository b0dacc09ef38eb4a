// A Kubernetes object as cdk8s renders it.

export interface KubeObject {
  readonly kind: string;
  readonly metadata: object;
  readonly [field: string]: unknown;
}

export const nameOf = (metadata: object) => (metadata as { name: string }).name;
