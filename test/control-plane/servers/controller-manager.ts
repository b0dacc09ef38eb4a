// Starts kube-controller-manager: garbage collection, deletion of namespaces, Jobs, default service accounts.
import { join } from 'node:path';
import { writeKubeconfig } from '../access/kubeconfig.ts';
import { isHealthy } from './health.ts';
import { type ServerOptions, type ServerProcess, startServer } from './server-process.ts';

export interface ControllerManagerOptions extends ServerOptions {
  readonly server: string;
}

/** It is ready when its controllers work: when one of them has created the default service account. */
export function startControllerManager(options: ControllerManagerOptions): Promise<ServerProcess> {
  const account = `${options.server}/api/v1/namespaces/default/serviceaccounts/default`;
  return startServer(options, controllerManagerFlags(options), () => isHealthy(account, options.certificates));
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
