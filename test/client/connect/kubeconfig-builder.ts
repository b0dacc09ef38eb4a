// Kubeconfigs for tests, as JSON, which is YAML.

export interface KubeconfigFields {
  /** Of the context, the cluster and the user alike. */
  readonly name: string;
  readonly server?: string;
  /** The current context; `name` unless said otherwise. */
  readonly current?: string;
  readonly namespace?: string;
  readonly cluster?: object;
  readonly user?: object;
}

export function kubeconfig(fields: KubeconfigFields): string {
  const { name, server = `https://${name}:6443`, current = name, namespace, cluster = {}, user = {} } = fields;
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server, ...cluster } }],
    users: [{ name, user }],
    contexts: [{ name, context: { cluster: name, user: name, namespace } }],
    ...(current && { 'current-context': current }),
  });
}
