// The connection that a kubeconfig describes. Most of what is not plain is @kubernetes/client-node's: files, OIDC and the like. It is
// imported lazily, because it costs whoever has no use for it 27 ms and 13 MB.
import type { RequestOptions } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';
import { type Connection, ConnectionError, type Credentials, type TlsMaterial } from './connection.ts';
import type { KubeconfigOptions } from './kubeconfig-options.ts';
import { firstLine, impersonationOf, loadKubeconfig } from './library-kubeconfig.ts';
import { plainConnection } from './plain-kubeconfig.ts';
import { parseProxyUrl } from './proxy-url.ts';

export async function kubeconfigConnection(options: KubeconfigOptions): Promise<Connection> {
  return (await plainConnection(options)) ?? libraryConnection(options);
}

async function libraryConnection(options: KubeconfigOptions): Promise<Connection> {
  const library = await import('@kubernetes/client-node');
  let config = loadKubeconfig(library, options);
  const { server, proxy, namespace } = describe(config, options);
  return {
    server,
    ...(proxy && { proxy }),
    namespace,
    credentials: () => credentialsOf(config),
    renew: () => {
      config = loadKubeconfig(library, options);
    },
  };
}

function describe(config: KubeConfig, { path }: KubeconfigOptions) {
  const name = config.getCurrentContext();
  const context = config.getContextObject(name);
  if (!context) throw noContext(config, path);
  const cluster = config.getCluster(context.cluster);
  if (!cluster)
    throw new ConnectionError(
      `kubeconfig ${path}: context "${name}" names cluster "${context.cluster}", which it does not define with a server`,
    );
  if (!/^https?:/i.test(cluster.server) || !URL.canParse(cluster.server))
    throw new ConnectionError(
      `kubeconfig ${path}: the server of cluster "${cluster.name}" is no URL: write it like https://api.example:6443`,
    );
  if (!config.getUser(context.user))
    throw new ConnectionError(
      `kubeconfig ${path}: context "${name}" names user "${context.user}", which it does not define`,
    );
  const namespace = context.namespace ?? '';
  if (typeof namespace !== 'string')
    throw new ConnectionError(
      `kubeconfig ${path}: the namespace of context "${name}" is no text: write "${namespace}"`,
    );
  const proxy = cluster.proxyUrl
    ? parseProxyUrl(cluster.proxyUrl, `kubeconfig ${path}: proxy-url of cluster "${cluster.name}"`)
    : undefined;
  return { server: new URL(cluster.server), proxy, namespace: namespace || 'default' };
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
  return { headers: { ...headersOf(options), ...impersonationOf(config) }, tls: tlsOf(options) };
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
