// Starts etcd with the data directory of one control plane. It talks only to who holds a certificate of that one's.
import { join } from 'node:path';
import type { Certificates } from '../access/certificates.ts';
import { isHealthy } from './health.ts';
import { onFreePort } from './ports.ts';
import { ServerProcess } from './server-process.ts';

export interface Etcd {
  readonly endpoint: string;
  readonly process: ServerProcess;
}

export interface EtcdOptions {
  readonly path: string;
  readonly directory: string;
  readonly certificates: Certificates;
  readonly signal?: AbortSignal | undefined;
}

export function startEtcd(options: EtcdOptions): Promise<Etcd> {
  return onFreePort(async (port) => {
    const endpoint = `https://127.0.0.1:${port}`;
    const process = new ServerProcess({
      path: options.path,
      args: etcdFlags(endpoint, options),
      directory: options.directory,
    });
    try {
      await process.waitUntil(() => isHealthy(`${endpoint}/readyz`, options.certificates), options.signal);
    } catch (error) {
      await process.stop();
      throw error;
    }
    return { endpoint, process };
  });
}

function etcdFlags(endpoint: string, { directory, certificates: { files } }: EtcdOptions): string[] {
  return [
    `--data-dir=${join(directory, 'etcd')}`,
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
