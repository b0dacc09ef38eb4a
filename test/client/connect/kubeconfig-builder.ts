// Kubeconfigs for tests, as JSON, which is YAML.

/** The environment of a system without CA certificates. */
export const NO_AUTHORITIES = {
  SSL_CERT_FILE: '/nonexistent',
  SSL_CERT_DIR: '/nonexistent',
  NODE_EXTRA_CA_CERTS: undefined,
};

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

/** Text in PEM of the form of a certificate, different for each content. */
export const certificate = (content: string) => pem('CERTIFICATE', content);
export const privateKey = (content: string) => pem('PRIVATE KEY', content);

function pem(label: string, content: string): string {
  const sequence = Buffer.from([0x30, content.length, ...Buffer.from(content)]);
  return `-----BEGIN ${label}-----\n${sequence.toString('base64')}\n-----END ${label}-----\n`;
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
