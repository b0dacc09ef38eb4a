// Writes kubeconfigs: JSON, which every reader of YAML reads as well.
import { writeFileSync } from 'node:fs';
import type { KeyPair } from './x509.ts';

/** A client certificate, or a bearer token and nothing else. */
export type Credentials = KeyPair | { readonly token: string };

export interface Kubeconfig {
  readonly server: string;
  /** PEM. */
  readonly authority: string;
  readonly credentials: Credentials;
  /** The namespace of the context; absent: `default`. */
  readonly namespace?: string;
}

/** Returns the path. */
export function writeKubeconfig(path: string, { server, authority, credentials, namespace }: Kubeconfig): string {
  const name = 'konductor';
  const content = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server, 'certificate-authority-data': base64(authority) } }],
    users: [{ name, user: encodeCredentials(credentials) }],
    contexts: [{ name, context: { cluster: name, user: name, ...(namespace ? { namespace } : {}) } }],
    'current-context': name,
  };
  writeFileSync(path, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  return path;
}

function encodeCredentials(credentials: Credentials): Record<string, string> {
  if ('token' in credentials) return credentials;
  return { 'client-certificate-data': base64(credentials.cert), 'client-key-data': base64(credentials.key) };
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
