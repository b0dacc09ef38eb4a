// How a kubeconfig is named.

export interface KubeconfigOptions {
  /** One path, or several joined like $PATH: the first to define a name wins, as in kubectl. */
  readonly path: string;
  readonly context?: string;
  /** What exec plugins are given; that of this process unless said otherwise. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}
