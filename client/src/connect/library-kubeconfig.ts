// Reads kubeconfigs by @kubernetes/client-node, and makes up for what it does not know of them.
import { existsSync, readFileSync } from 'node:fs';
import type { RequestOptions } from 'node:https';
import { delimiter, dirname, resolve } from 'node:path';
import type { Cluster, KubeConfig, User } from '@kubernetes/client-node';
import { ConnectionError, type RequestHeaders } from './connection.ts';
import { type ExecConfig, ExecPlugin } from './exec-plugin.ts';
import { type Impersonation, impersonationHeaders } from './impersonation.ts';
import type { KubeconfigOptions } from './kubeconfig-options.ts';

export type Library = typeof import('@kubernetes/client-node');

const EXEC = 'konductor-exec';
/** The user of a context that names none: for the library there would be no certificate authority either. */
const NOBODY = { name: '' };

export function loadKubeconfig(library: Library, options: KubeconfigOptions): KubeConfig {
  const { path, context, env = process.env } = options;
  const files = path.split(delimiter).filter((file) => file && existsSync(file));
  if (files.length === 0)
    throw new ConnectionError(`kubeconfig ${path} does not exist: check --kubeconfig or KUBECONFIG`);
  const merged = new library.KubeConfig();
  for (const file of files) merge(merged, loadFile(library, file));
  if (context !== undefined) merged.setCurrentContext(context);
  merged.clusters = merged.clusters.map(allowWithoutTls);
  merged.contexts = merged.contexts.map((one) => (one.user ? one : { ...one, user: NOBODY.name }));
  merged.users = [...merged.users, NOBODY];
  merged.addAuthenticator(new ExecAuthenticator(merged, env));
  return merged;
}

/** The library refuses a server without TLS, as kubectl proxy is one, unless its certificate is not to be verified. */
function allowWithoutTls(cluster: Cluster): Cluster {
  return /^http:/i.test(cluster.server) ? { ...cluster, skipTLSVerify: true } : cluster;
}

function loadFile({ KubeConfig, loadYaml }: Library, file: string): KubeConfig {
  const config = new KubeConfig();
  const directory = dirname(file);
  try {
    const content: Content = loadYaml(readFileSync(file, 'utf8')) ?? {};
    // What is wrong with an entry matters to those who use it.
    config.loadFromString(JSON.stringify(content), { onInvalidEntry: 'filter' });
    config.makePathsAbsolute(directory);
    config.users = config.users.map((user) => completeUser(user, content, directory));
    return config;
  } catch (error) {
    throw new ConnectionError(`kubeconfig ${file} cannot be read: ${firstLine(error)}`, { cause: error });
  }
}

interface Content {
  readonly users?: readonly { readonly name: string; readonly user?: UserFields | null }[];
}

interface UserFields extends Impersonation {
  readonly tokenFile?: string;
}

interface CompleteUser extends User {
  readonly impersonation?: Impersonation;
}

function completeUser(user: User, { users = [] }: Content, directory: string): CompleteUser {
  const fields = users.find(({ name }) => name === user.name)?.user ?? {};
  return { ...completeCredentials(user, fields, directory), impersonation: fields };
}

/** Beside `as`, which is the library's. */
export function impersonationOf(config: KubeConfig): RequestHeaders {
  const user: CompleteUser | null = config.getCurrentUser();
  return user?.impersonation ? impersonationHeaders(user.impersonation, user.name) : {};
}

function completeCredentials(user: User, { tokenFile }: UserFields, directory: string): User {
  // `tokenFile` comes before `token`; the library does not know it in kubeconfigs, and has a reader of such files all the same.
  if (tokenFile)
    return {
      ...user,
      token: '',
      authProvider: { name: 'tokenFile', config: { tokenFile: resolve(directory, tokenFile) } },
    };
  if (!user.exec) return user;
  return { ...user, exec: undefined, authProvider: { name: EXEC, config: { plugin: user.exec, directory } } };
}

/** Adds what `merged` does not have yet; the library's own merge throws on a name that two files define. */
function merge(merged: KubeConfig, other: KubeConfig): void {
  const add = <T extends { name: string }>(mine: T[], theirs: T[]) => [
    ...mine,
    ...theirs.filter(({ name }) => !mine.some((one) => one.name === name)),
  ];
  merged.clusters = add(merged.clusters, other.clusters);
  merged.users = add(merged.users, other.users);
  merged.contexts = add(merged.contexts, other.contexts);
  if (!merged.currentContext) merged.currentContext = other.currentContext;
}

/** Takes the place of the library's, which hides what a plugin says to people, tells it nothing, and names no reason. */
class ExecAuthenticator {
  readonly #config: KubeConfig;
  readonly #env: KubeconfigOptions['env'];
  #plugin: ExecPlugin | undefined;

  constructor(config: KubeConfig, env: KubeconfigOptions['env']) {
    this.#config = config;
    this.#env = env;
  }

  isAuthProvider({ authProvider }: User): boolean {
    return authProvider?.name === EXEC;
  }

  async applyAuthentication({ authProvider }: User, options: RequestOptions): Promise<void> {
    const { plugin, directory }: { plugin: ExecConfig; directory: string } = authProvider.config;
    this.#plugin ??= new ExecPlugin(plugin, { directory, env: this.#env ?? {}, cluster: clusterInfo(this.#config) });
    const { token, clientCertificateData, clientKeyData } = await this.#plugin.status();
    if (clientCertificateData) Object.assign(options, { cert: clientCertificateData, key: clientKeyData });
    if (token) options.headers = { ...(options.headers as Record<string, string>), Authorization: `Bearer ${token}` };
  }
}

/** https://kubernetes.io/docs/reference/config-api/client-authentication.v1/#client-authentication-k8s-io-v1-Cluster */
function clusterInfo(config: KubeConfig): object {
  const { server, caData, caFile, skipTLSVerify, tlsServerName, proxyUrl } = config.getCurrentCluster() ?? {};
  return {
    server,
    'tls-server-name': tlsServerName,
    'insecure-skip-tls-verify': skipTLSVerify,
    'certificate-authority-data': caFile ? readFileSync(caFile).toString('base64') : caData,
    'proxy-url': proxyUrl,
  };
}

export function firstLine(error: unknown): string {
  return String(error instanceof Error ? error.message : error).split('\n', 1)[0] ?? '';
}
