// Starts etcd with the data directory of one control plane. It accepts only clients with a certificate of that control plane.
import { join } from 'node:path';
import { isHealthy } from './health.ts';
import { type RestartableServer, startRestartable } from './restartable-server.ts';
import { type ServerOptions, startServer } from './server-process.ts';

/** Where etcd keeps its data. */
export const etcdData = (directory: string) => join(directory, 'etcd');

export function startEtcd(options: ServerOptions): Promise<RestartableServer> {
  return startRestartable((port) => {
    const endpoint = `https://127.0.0.1:${port}`;
    const isReady = () => isHealthy(`${endpoint}/readyz`, options.certificates);
    return startServer(options, etcdFlags(endpoint, options), isReady);
  });
}

function etcdFlags(endpoint: string, { directory, certificates: { files } }: ServerOptions): string[] {
  return [
    `--data-dir=${etcdData(directory)}`,
    `--listen-client-urls=${endpoint}`,
    `--advertise-client-urls=${endpoint}`,
    // There are no peers; any free port keeps two control planes apart.
    '--listen-peer-urls=http://127.0.0.1:0',
    `--cert-file=${files.serving.cert}`,
    `--key-file=${files.serving.key}`,
    `--trusted-ca-file=${files.authority}`,
    '--client-cert-auth',
    // The data outlives no crash of the machine, and need not.
    '--unsafe-no-fsync',
    '--log-level=warn',
  ];
}
