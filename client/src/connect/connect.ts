// Finds the cluster as kubectl does: --kubeconfig, $KUBECONFIG, ~/.kube/config, then the pod's own ServiceAccount; and the proxy
// on the way there: the kubeconfig's, then that of the environment.
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { type Connection, ConnectionError } from './connection.ts';
import { type InClusterOptions, inClusterConnection, isInCluster } from './in-cluster.ts';

export interface ConnectOptions extends InClusterOptions {
  /** The value of --kubeconfig. */
  readonly kubeconfig?: string;
  /** The value of --context. */
  readonly context?: string;
}

const PROXY_VARIABLES = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy'];

/** Throws ConnectionError when there is no way to a cluster. */
export async function connect(options: ConnectOptions): Promise<Connection> {
  const connection = await findCluster(options);
  // Nearly nobody has one.
  if (connection.proxy || !PROXY_VARIABLES.some((name) => options.env[name])) return connection;
  const { proxyOfEnvironment } = await import('./proxy-environment.ts');
  return { ...connection, proxy: proxyOfEnvironment(connection.server, options.env) };
}

async function findCluster(options: ConnectOptions): Promise<Connection> {
  const { context } = options;
  const path = kubeconfigPath(options);
  if (path) {
    // A pod has no use for it.
    const { kubeconfigConnection } = await import('./kubeconfig.ts');
    return kubeconfigConnection({ path, env: options.env, ...(context === undefined ? {} : { context }) });
  }
  if (isInCluster(options)) return inClusterConnection(options);
  if (options.env.KUBERNETES_SERVICE_HOST)
    throw new ConnectionError(
      'this pod has no ServiceAccount token: set automountServiceAccountToken: true in its spec, or KUBECONFIG',
    );
  throw new ConnectionError(
    'no cluster found: set KUBECONFIG or --kubeconfig, or run in a pod with a ServiceAccount token',
  );
}

function kubeconfigPath({ kubeconfig, env }: ConnectOptions): string | undefined {
  if (kubeconfig) return kubeconfig;
  if (env.KUBECONFIG) return env.KUBECONFIG;
  const home = env.HOME ?? homeOfUser();
  const path = home === undefined ? undefined : join(home, '.kube', 'config');
  return path && existsSync(path) ? path : undefined;
}

/** A user that /etc/passwd does not know has none, as in an image that holds nothing. */
function homeOfUser(): string | undefined {
  try {
    return homedir();
  } catch {
    return undefined;
  }
}
