// The connection that a kubeconfig describes. Exec plugins, OIDC and the like are @kubernetes/client-node's; it is
// imported lazily, because it costs whoever has no use for it 27 ms and 13 MB.
import { existsSync, readFileSync } from 'node:fs';
import type { RequestOptions } from 'node:https';
import { delimiter, dirname, resolve } from 'node:path';
import type { KubeConfig } from '@kubernetes/client-node';
import { type Connection, ConnectionError, type Credentials, type TlsMaterial } from './connection.ts';
import { plainConnection } from './plain-kubeconfig.ts';
import { parseProxyUrl } from './proxy-url.ts';

export interface KubeconfigOptions {
  /** One path, or several joined like $PATH: the first to define a name wins, as in kubectl. */
  readonly path: string;
  readonly context?: string;
}

export async function kubeconfigConnection(options: KubeconfigOptions): Promise<Connection> {
  return (await plainConnection(options)) ?? libraryConnection(options);
}

async function libraryConnection(options: KubeconfigOptions): Promise<Connection> {
  const library = await import('@kubernetes/client-node');
  let config = load(library, options);
  const { server, proxy, namespace } = describe(config, options);
  return {
    server,
    ...(proxy && { proxy }),
    namespace,
    credentials: () => credentialsOf(config),
    renew: () => {
      config = load(library, options);
    },
  };
}

type Library = typeof import('@kubernetes/client-node');

function load(library: Library, { path, context }: KubeconfigOptions): KubeConfig {
  const files = path.split(delimiter).filter((file) => file && existsSync(file));
  if (files.length === 0)
    throw new ConnectionError(`kubeconfig ${path} does not exist: check --kubeconfig or KUBECONFIG`);
  const merged = new library.KubeConfig();
  for (const file of files) merge(merged, loadFile(library, file));
  if (context !== undefined) merged.setCurrentContext(context);
  merged.clusters = merged.clusters.map(allowWithoutTls);
  return merged;
}

/** The library refuses a server without TLS, as kubectl proxy is one, unless its certificate is not to be verified. */
function allowWithoutTls<T extends { readonly server: string; readonly skipTLSVerify: boolean }>(cluster: T): T {
  return /^http:/.test(cluster.server) ? { ...cluster, skipTLSVerify: true } : cluster;
}

function loadFile({ KubeConfig, loadYaml }: Library, file: string): KubeConfig {
  const config = new KubeConfig();
  try {
    config.loadFromFile(file);
    useTokenFiles(config, loadYaml(readFileSync(file, 'utf8')), dirname(file));
    return config;
  } catch (error) {
    throw new ConnectionError(`kubeconfig ${file} cannot be read: ${firstLine(error)}`, { cause: error });
  }
}

interface TokenFiles {
  readonly users?: readonly { readonly name: string; readonly user?: { readonly tokenFile?: string } }[];
}

/** The library does not know `tokenFile`, which comes before `token`; it has a reader of such files all the same. */
function useTokenFiles(config: KubeConfig, { users = [] }: TokenFiles, directory: string): void {
  for (const { name, user: { tokenFile } = {} } of users) {
    if (!tokenFile) continue;
    const authProvider = { name: 'tokenFile', config: { tokenFile: resolve(directory, tokenFile) } };
    config.users = config.users.map((user) => (user.name === name ? { ...user, token: '', authProvider } : user));
  }
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

function describe(config: KubeConfig, { path }: KubeconfigOptions) {
  const name = config.getCurrentContext();
  const context = config.getContextObject(name);
  if (!context) throw noContext(config, path);
  const cluster = config.getCurrentCluster();
  const server = cluster && /^https?:/.test(cluster.server) && URL.canParse(cluster.server) && new URL(cluster.server);
  if (!server) throw new ConnectionError(`kubeconfig ${path}: context "${name}" names no cluster with a valid server`);
  if (context.user && !config.getUser(context.user))
    throw new ConnectionError(
      `kubeconfig ${path}: context "${name}" names user "${context.user}", which it does not define`,
    );
  const proxy = cluster.proxyUrl
    ? parseProxyUrl(cluster.proxyUrl, `kubeconfig ${path}: proxy-url of cluster "${cluster.name}"`)
    : undefined;
  return { server, proxy, namespace: context.namespace || 'default' };
}

function noContext(config: KubeConfig, path: string): ConnectionError {
  const name = config.getCurrentContext();
  const contexts = config.getContexts().map((one) => one.name);
  if (contexts.length === 0) return new ConnectionError(`kubeconfig ${path} has no contexts: is it a kubeconfig?`);
  const choice = contexts.join(', ');
  return new ConnectionError(
    name
      ? `kubeconfig ${path} has no context "${name}": choose one of ${choice}`
      : `kubeconfig ${path} names no current context: choose one of ${choice} with --context`,
  );
}

async function credentialsOf(config: KubeConfig): Promise<Credentials> {
  const options: RequestOptions = {};
  try {
    await config.applyToHTTPSOptions(options as Parameters<KubeConfig['applyToHTTPSOptions']>[0]);
  } catch (error) {
    throw new ConnectionError(`the kubeconfig's credentials cannot be used: ${firstLine(error)}`, { cause: error });
  }
  return { headers: headersOf(options), tls: tlsOf(options) };
}

function headersOf({ headers, auth }: RequestOptions): Record<string, string> {
  const named = Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), String(value).trim()]);
  const basic = auth ? [['authorization', `Basic ${Buffer.from(auth).toString('base64')}`]] : [];
  return Object.fromEntries([...basic, ...named]);
}

function tlsOf(options: RequestOptions): TlsMaterial {
  const { ca, cert, key, servername, rejectUnauthorized } = options;
  const named = Object.entries({ ca, cert, key, servername, rejectUnauthorized });
  return Object.fromEntries(named.filter(([, value]) => value !== undefined && value !== null));
}

function firstLine(error: unknown): string {
  return String(error instanceof Error ? error.message : error).split('\n', 1)[0] ?? '';
}
