// Finds the cluster as kubectl does: by --kubeconfig, $KUBECONFIG or ~/.kube/config, else as the pod's ServiceAccount; and the
// proxy: the kubeconfig's, else the environment's.
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { WaitLimits } from '../core/deadline.ts';
import { type Connection, ConnectionError } from './connection.ts';
import { type InClusterOptions, inClusterConnection, isInCluster } from './in-cluster.ts';

/** The limits are those of waiting for a kubeconfig that is a pipe. */
export interface ConnectOptions extends InClusterOptions, WaitLimits {
  /** The value of --kubeconfig. */
  readonly kubeconfig?: string | undefined;
  /** The value of --context. */
  readonly context?: string | undefined;
}

const PROXY_VARIABLES = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy'];

/** Throws ConnectionError when there is no way to a cluster. */
export async function connect(options: ConnectOptions): Promise<Connection> {
  const connection = await findCluster(options);
  // Most environments name no proxy, and loading the rules of NO_PROXY takes milliseconds.
  if (connection.proxy || !PROXY_VARIABLES.some((name) => options.env[name])) return connection;
  const { proxyOfEnvironment } = await import('./proxy-environment.ts');
  return { ...connection, proxy: proxyOfEnvironment(connection.server, options.env) };
}

async function findCluster(options: ConnectOptions): Promise<Connection> {
  const { env } = options;
  const path = kubeconfigPath(options);
  if (path) {
    // Not loaded in a pod.
    const { kubeconfigConnection } = await import('./kubeconfig.ts');
    return kubeconfigConnection({ ...options, path });
  }
  if (isInCluster(options)) return inClusterConnection(options);
  throw new ConnectionError(
    env.KUBERNETES_SERVICE_HOST
      ? 'this pod has no ServiceAccount token: set automountServiceAccountToken: true in its spec, or KUBECONFIG'
      : 'no cluster found: set KUBECONFIG or --kubeconfig, or run in a pod with a ServiceAccount token',
  );
}

/** The names of all contexts of the kubeconfig, none without one. Throws ConnectionError when it cannot be read. */
export async function listContexts(
  options: Pick<ConnectOptions, 'kubeconfig' | 'env' | keyof WaitLimits>,
): Promise<readonly string[]> {
  const path = kubeconfigPath(options);
  if (!path) return [];
  const { readKubeconfig } = await import('./kubeconfig-files.ts');
  const { contexts } = await readKubeconfig(path, options);
  return [...new Set(contexts.map(({ name }) => name))];
}

/** One path, or several joined like $PATH; undefined when none is named and the home folder has none. */
function kubeconfigPath({ kubeconfig, env }: Pick<ConnectOptions, 'kubeconfig' | 'env'>): string | undefined {
  if (kubeconfig) return kubeconfig;
  if (env.KUBECONFIG) return env.KUBECONFIG;
  const home = env.HOME ?? homeOfUser();
  const path = home === undefined ? undefined : join(home, '.kube', 'config');
  return path && existsSync(path) ? path : undefined;
}

/** A user that /etc/passwd does not list has no home, as in an image without files. */
function homeOfUser(): string | undefined {
  try {
    return homedir();
  } catch {
    return undefined;
  }
}
