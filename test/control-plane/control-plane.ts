// One real control plane on loopback, from its start to its last process and file.
import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Certificates, createCertificates } from './access/certificates.ts';
import { writeKubeconfig } from './access/kubeconfig.ts';
import { type Binaries, findBinaries } from './binaries/binaries.ts';
import { createDataDirectory, reapStaleDirectories } from './ownership/data-directory.ts';
import { startWatchdog } from './ownership/watchdog.ts';
import { startApiServer } from './servers/api-server.ts';
import { startControllerManager } from './servers/controller-manager.ts';
import { etcdData, startEtcd } from './servers/etcd.ts';
import { compactEtcd } from './servers/etcd-compaction.ts';
import type { RestartableServer } from './servers/restartable-server.ts';
import type { ServerProcess } from './servers/server-process.ts';

/** How to reach a control plane: plain data, which other processes can be given. */
export interface ControlPlaneAccess {
  /** Holds its data, logs and certificates; goes when it stops. */
  readonly directory: string;
  /** The API server's URL. */
  readonly server: string;
  /** Path of the PEM certificate that vouches for the server. */
  readonly certificateAuthority: string;
  /** Path of a kubeconfig with a client certificate in system:masters. */
  readonly kubeconfig: string;
  /** Path of a kubectl of the same version. */
  readonly kubectl: string;
  /** Path of the audit log: one JSON event per line. */
  readonly auditLog: string;
}

export interface ControlPlane extends ControlPlaneAccess {
  /** The pids of the servers that run now. */
  readonly processIds: {
    readonly etcd: number | undefined;
    readonly apiServer: number | undefined;
    readonly controllerManager: number | undefined;
  };
  /** Ends this process, and the group that it leads, when the owner of the control plane is killed. */
  adopt(pid: number): void;
  /** On the same port and data, so that clients find it again. */
  restartApiServer(): Promise<void>;
  stopApiServer(): Promise<void>;
  startApiServer(): Promise<void>;
  /** The API server's history is gone, but for what it holds in memory until it is restarted. */
  compactEtcd(): Promise<void>;
  /** Stops both servers, copies etcd's data and starts them again. */
  backUp(): Promise<void>;
  /** Starts both servers with the data of the last backup: everything that was written since then is lost. */
  restore(): Promise<void>;
  /** Ends every process, the API server before etcd, and removes the directory. */
  stop(): Promise<void>;
}

export interface StartControlPlaneOptions {
  /** Garbage collection, namespaces that really go, Jobs. */
  readonly controllerManager?: boolean;
  /** Off: no bodies of requests in the audit log, as in most clusters; it costs the API server time. */
  readonly auditBodies?: boolean;
  readonly log?: (line: string) => void;
  /** Gives up starting, and leaves nothing behind. */
  readonly signal?: AbortSignal;
}

/** It ends with `stop()`, or else with this process, however that ends. */
export async function startControlPlane(options: StartControlPlaneOptions = {}): Promise<ControlPlane> {
  const { controllerManager = false, log = () => undefined, signal } = options;
  const binaries = await findBinaries({ log, controllerManager, signal });
  await reapStaleDirectories();
  await using started = new AsyncDisposableStack();
  const directory = createDataDirectory();
  const watchdog = startWatchdog(directory);
  started.defer(() => watchdog.stop());
  started.defer(() => rm(directory, { recursive: true, force: true, maxRetries: 3 }));
  const servers = await startServers(started, { ...options, binaries, directory });
  const { etcd, apiServer, certificates } = servers;
  const resources = started.move();
  const data = etcdData(directory);
  const backup = `${data}.backup`;
  let stopping: Promise<void> | undefined;
  return {
    ...describeAccess(servers, { binaries, directory }),
    get processIds() {
      return { etcd: etcd.pid, apiServer: apiServer.pid, controllerManager: servers.controllerManager?.pid };
    },
    adopt: (pid) => watchdog.adopt(pid),
    restartApiServer: () => apiServer.stop().then(() => apiServer.start()),
    stopApiServer: () => apiServer.stop(),
    startApiServer: () => apiServer.start(),
    compactEtcd: () => compactEtcd(etcd, certificates),
    backUp: () => whileStopped(servers, () => replaceFolder(backup, data)),
    restore: () => whileStopped(servers, () => replaceFolder(data, backup)),
    stop() {
      stopping ??= resources.disposeAsync();
      return stopping;
    },
  };
}

interface Place {
  readonly binaries: Binaries;
  readonly directory: string;
}

interface Servers {
  readonly etcd: RestartableServer;
  readonly apiServer: RestartableServer;
  readonly controllerManager: ServerProcess | undefined;
  readonly certificates: Certificates;
}

/** Each is registered to stop as soon as it runs, so that they stop in the reverse order. */
async function startServers(
  started: AsyncDisposableStack,
  { binaries, directory, auditBodies = true, signal }: Place & StartControlPlaneOptions,
): Promise<Servers> {
  const certificates = createCertificates(directory);
  const shared = { directory, certificates, signal };
  const etcd = await startEtcd({ ...shared, path: binaries.etcd });
  started.defer(() => etcd.stop());
  const apiServer = await startApiServer({
    ...shared,
    path: binaries.apiServer,
    etcdEndpoint: etcd.url,
    auditLog: auditLogIn(directory),
    hasAuditedBodies: auditBodies,
    hasControllerManager: binaries.controllerManager !== undefined,
  });
  started.defer(() => apiServer.stop());
  const controllerManager = binaries.controllerManager
    ? await startControllerManager({ ...shared, path: binaries.controllerManager, server: apiServer.url })
    : undefined;
  started.defer(async () => controllerManager?.stop());
  return { etcd, apiServer, controllerManager, certificates };
}

async function whileStopped({ etcd, apiServer }: Servers, work: () => Promise<void>): Promise<void> {
  await apiServer.stop();
  await etcd.stop();
  await work();
  await etcd.start();
  await apiServer.start();
}

async function replaceFolder(target: string, source: string): Promise<void> {
  await rm(target, { recursive: true, force: true });
  await cp(source, target, { recursive: true });
}

function describeAccess({ apiServer, certificates }: Servers, { binaries, directory }: Place): ControlPlaneAccess {
  const { authority, admin: credentials, files } = certificates;
  const server = apiServer.url;
  return {
    directory,
    server,
    certificateAuthority: files.authority,
    kubeconfig: writeKubeconfig(join(directory, 'kubeconfig'), { server, authority, credentials }),
    kubectl: binaries.kubectl,
    auditLog: auditLogIn(directory),
  };
}

const auditLogIn = (directory: string) => join(directory, 'audit.log');
