// The connection of a pod: address from the environment; CA, token, namespace and the pod from the mounted ServiceAccount.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readFile } from './bounded-file.ts';
import { type Connection, ConnectionError, trusting } from './connection.ts';
import { type Impersonation, impersonationHeaders } from './impersonation.ts';
import { pemProblem } from './pem.ts';
import { recentlyRead } from './recently-read.ts';
import { claimsOf } from './token-claims.ts';

export const SERVICE_ACCOUNT_DIRECTORY = '/var/run/secrets/kubernetes.io/serviceaccount';

export interface InClusterOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The folder with `token`, `ca.crt` and `namespace`. */
  readonly serviceAccountDirectory?: string;
  readonly impersonate?: Impersonation | undefined;
}

/** Whether this process runs in a pod with a ServiceAccount token. */
export function isInCluster({ env, serviceAccountDirectory = SERVICE_ACCOUNT_DIRECTORY }: InClusterOptions): boolean {
  return Boolean(env.KUBERNETES_SERVICE_HOST) && existsSync(join(serviceAccountDirectory, 'token'));
}

export function inClusterConnection(options: InClusterOptions): Connection {
  const { env, serviceAccountDirectory: directory = SERVICE_ACCOUNT_DIRECTORY, impersonate = {} } = options;
  const [caFile, tokenFile] = [join(directory, 'ca.crt'), join(directory, 'token')];
  const namespaceFile = join(directory, 'namespace');
  const impersonation = impersonationHeaders(impersonate);
  const claims = claimsOf(readMounted(tokenFile));
  const credentials = recentlyRead(() => ({
    headers: { authorization: `Bearer ${readMounted(tokenFile).trim()}`, ...impersonation },
    tls: trusting(readCertificates(caFile)),
  }));
  return {
    server: serverUrl(env),
    namespace: (existsSync(namespaceFile) ? readMounted(namespaceFile).trim() : claims.namespace) || 'default',
    pod: claims.pod,
    credentials: async () => credentials.get(),
    renew: credentials.renew,
  };
}

function serverUrl(env: InClusterOptions['env']): URL {
  const host = env.KUBERNETES_SERVICE_HOST ?? '';
  const port = env.KUBERNETES_SERVICE_PORT ?? '443';
  return new URL(`https://${host.includes(':') ? `[${host}]` : host}:${port}`);
}

function readMounted(file: string): string {
  try {
    return readFile(file).toString();
  } catch (cause) {
    throw new ConnectionError(`cannot read ${file}: give the pod a ServiceAccount token, or set KUBECONFIG`, { cause });
  }
}

function readCertificates(file: string): string {
  const pem = readMounted(file);
  const problem = pemProblem(Buffer.from(pem), 'certificate');
  if (problem) throw new ConnectionError(`${file} ${problem}`);
  return pem;
}
