// Starts kube-apiserver as real clusters run it: RBAC, signed service account tokens, default admission, an audit log.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isHealthy } from './health.ts';
import { type RestartableServer, startRestartable } from './restartable-server.ts';
import { type ServerOptions, type ServerProcess, startServer } from './server-process.ts';

export interface ApiServerOptions extends ServerOptions {
  readonly etcdEndpoint: string;
  readonly auditLog: string;
  readonly hasAuditedBodies: boolean;
  /** Something makes the default service accounts that its admission plugin insists on. */
  readonly hasControllerManager: boolean;
}

/** Anonymous requests see the health endpoints only. */
const AUTHENTICATION = {
  apiVersion: 'apiserver.config.k8s.io/v1',
  kind: 'AuthenticationConfiguration',
  anonymous: { enabled: true, conditions: ['/livez', '/readyz', '/healthz'].map((path) => ({ path })) },
};

export function startApiServer(options: ApiServerOptions): Promise<RestartableServer> {
  const flags = apiServerFlags(options);
  return startRestartable((port) => launch(port, flags, options));
}

function launch(port: number, flags: readonly string[], options: ApiServerOptions): Promise<ServerProcess> {
  const isReady = async () => {
    // The namespace is created in the background, sometimes only after /readyz says ok.
    const paths = ['/readyz', '/api/v1/namespaces/default'].map((path) => `https://127.0.0.1:${port}${path}`);
    return (await Promise.all(paths.map((url) => isHealthy(url, options.certificates)))).every(Boolean);
  };
  return startServer(options, [...flags, `--secure-port=${port}`], isReady);
}

function apiServerFlags(options: ApiServerOptions): string[] {
  const { directory, auditLog, hasAuditedBodies, hasControllerManager } = options;
  const policy = auditPolicy(hasAuditedBodies);
  return [
    '--bind-address=127.0.0.1',
    '--advertise-address=127.0.0.1',
    // It would publish the advertised address as an endpoint, and a loopback address is not a valid one.
    '--endpoint-reconciler-type=none',
    '--service-cluster-ip-range=10.0.0.0/24',
    '--authorization-mode=Node,RBAC',
    '--enable-admission-plugins=NodeRestriction',
    // Without it, an open watch holds up the API server's end until it is killed.
    '--shutdown-watch-termination-grace-period=1s',
    ...(hasControllerManager ? [] : ['--disable-admission-plugins=ServiceAccount']),
    `--authentication-config=${writeJson(directory, 'authentication.json', AUTHENTICATION)}`,
    `--audit-policy-file=${writeJson(directory, 'audit-policy.json', policy)}`,
    `--audit-log-path=${auditLog}`,
    // Megabytes; at 100, the default, it would be moved away under its readers.
    '--audit-log-maxsize=10000',
    ...credentialFlags(options),
  ];
}

function credentialFlags({ certificates: { files }, directory, etcdEndpoint }: ApiServerOptions): string[] {
  return [
    `--etcd-servers=${etcdEndpoint}`,
    `--etcd-cafile=${files.authority}`,
    `--etcd-certfile=${files.serving.cert}`,
    `--etcd-keyfile=${files.serving.key}`,
    `--cert-dir=${directory}`,
    `--tls-cert-file=${files.serving.cert}`,
    `--tls-private-key-file=${files.serving.key}`,
    `--client-ca-file=${files.authority}`,
    '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
    `--service-account-signing-key-file=${files.serviceAccountKey}`,
    `--service-account-key-file=${files.serviceAccountKey}`,
  ];
}

/** Logs who did what, and the bodies of changes of WaitGroups and workers if wanted. https://kubernetes.io/docs/reference/config-api/apiserver-audit.v1/. */
function auditPolicy(hasBodies: boolean) {
  const verbs = ['create', 'update', 'patch', 'delete'];
  const bodies = { level: 'RequestResponse', verbs, resources: [{ group: 'konductor.io' }] };
  return {
    apiVersion: 'audit.k8s.io/v1',
    kind: 'Policy',
    omitStages: ['RequestReceived'],
    rules: [
      { level: 'None', nonResourceURLs: ['/healthz*', '/livez*', '/readyz*', '/metrics'] },
      ...(hasBodies ? [bodies] : []),
      { level: 'Metadata' },
    ],
  };
}

function writeJson(directory: string, name: string, content: unknown): string {
  const path = join(directory, name);
  writeFileSync(path, JSON.stringify(content, null, 2));
  return path;
}
