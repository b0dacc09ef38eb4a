// What every Kubernetes object has.

/** An object as far as every Kubernetes resource goes. */
export interface KubeObject {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly resourceVersion?: string;
  };
}
