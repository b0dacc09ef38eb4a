// The connection of a pod: address from the environment, CA, token and namespace from the mounted ServiceAccount.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Connection, ConnectionError, type Credentials } from './connection.ts';

export const SERVICE_ACCOUNT_DIRECTORY = '/var/run/secrets/kubernetes.io/serviceaccount';
/** The kubelet rotates the token well before it expires; client-go re-reads it every minute. */
const TOKEN_MAX_AGE_MS = 10_000;

export interface InClusterOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The folder with `token`, `ca.crt` and `namespace`. */
  readonly serviceAccountDirectory?: string;
}

/** Whether this process looks like one in a pod with a ServiceAccount. */
export function isInCluster({ env, serviceAccountDirectory = SERVICE_ACCOUNT_DIRECTORY }: InClusterOptions): boolean {
  return Boolean(env.KUBERNETES_SERVICE_HOST) && existsSync(join(serviceAccountDirectory, 'token'));
}

export function inClusterConnection(options: InClusterOptions): Connection {
  const { env, serviceAccountDirectory: directory = SERVICE_ACCOUNT_DIRECTORY } = options;
  const ca = readMounted(join(directory, 'ca.crt'));
  const tokenFile = join(directory, 'token');
  const namespaceFile = join(directory, 'namespace');
  let held: { readonly credentials: Credentials; readonly readAt: number } | undefined;
  const read = () => {
    const credentials = { headers: { authorization: `Bearer ${readMounted(tokenFile).trim()}` }, tls: { ca } };
    held = { credentials, readAt: performance.now() };
    return credentials;
  };
  return {
    server: serverUrl(env),
    namespace: (existsSync(namespaceFile) && readMounted(namespaceFile).trim()) || 'default',
    credentials: async () => (held && performance.now() - held.readAt < TOKEN_MAX_AGE_MS ? held.credentials : read()),
    renew: () => {
      held = undefined;
    },
  };
}

function serverUrl(env: InClusterOptions['env']): URL {
  const host = env.KUBERNETES_SERVICE_HOST ?? '';
  const port = env.KUBERNETES_SERVICE_PORT ?? '443';
  return new URL(`https://${host.includes(':') ? `[${host}]` : host}:${port}`);
}

function readMounted(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConnectionError(`cannot read ${file}: give the pod a ServiceAccount token, or set KUBECONFIG`, {
      cause: error,
    });
  }
}
