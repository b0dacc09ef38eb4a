// Starts kube-controller-manager: garbage collection, namespaces that really go, Jobs, default service accounts.
import { join } from 'node:path';
import type { Certificates } from '../access/certificates.ts';
import { writeKubeconfig } from '../access/kubeconfig.ts';
import { isHealthy } from './health.ts';
import { ServerProcess } from './server-process.ts';

export interface ControllerManagerOptions {
  readonly path: string;
  readonly directory: string;
  readonly certificates: Certificates;
  readonly server: string;
  readonly signal?: AbortSignal | undefined;
}

/** It is ready when its controllers work: when the default service account is there, which one of them makes. */
export async function startControllerManager(options: ControllerManagerOptions): Promise<ServerProcess> {
  const { path, directory, certificates, server, signal } = options;
  const process = new ServerProcess({ path, args: controllerManagerFlags(options), directory });
  try {
    const account = `${server}/api/v1/namespaces/default/serviceaccounts/default`;
    await process.waitUntil(() => isHealthy(account, certificates), signal);
  } catch (error) {
    await process.stop();
    throw error;
  }
  return process;
}

function controllerManagerFlags({ directory, certificates, server }: ControllerManagerOptions): string[] {
  const { authority, controllerManager: credentials, files } = certificates;
  const path = join(directory, 'controller-manager.kubeconfig');
  return [
    `--kubeconfig=${writeKubeconfig(path, { server, authority, credentials })}`,
    `--root-ca-file=${files.authority}`,
    `--service-account-private-key-file=${files.serviceAccountKey}`,
    '--use-service-account-credentials',
    '--leader-elect=false',
    // At the default of 20 requests a second, its controllers take 3 s longer to start.
    '--kube-api-qps=1000',
    '--kube-api-burst=1000',
    // Serves nothing: no port to find.
    '--secure-port=0',
  ];
}
