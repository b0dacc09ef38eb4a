// The connection that a kubeconfig describes: which context, cluster and user, and what is wrong with them.
import { isDnsLabel } from '@konductor/schema';
import type { WaitLimits } from '../core/deadline.ts';
import { type Connection, ConnectionError } from './connection.ts';
import type { Impersonation } from './impersonation.ts';
import { kubeconfigCredentials, type Login, tokenOf } from './kubeconfig-credentials.ts';
import { KubeconfigEntry } from './kubeconfig-entry.ts';
import { type Kubeconfig, readKubeconfig } from './kubeconfig-files.ts';
import { parseProxyUrl } from './proxy-url.ts';
import { claimsOf } from './token-claims.ts';

/** How many contexts a message lists. */
const MAX_CHOICE = 10;

export interface KubeconfigOptions extends WaitLimits {
  /** One path, or several joined like $PATH: the first to define a name wins, as in kubectl. */
  readonly path: string;
  /** The current context unless set. */
  readonly context?: string | undefined;
  /** The environment of exec plugins; that of this process unless set. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly impersonate?: Impersonation | undefined;
}

/** Throws ConnectionError for a kubeconfig that cannot be used. */
export async function kubeconfigConnection(options: KubeconfigOptions): Promise<Connection> {
  const login: Login = {};
  const { credentials, ...target } = await read(options, login);
  let current = Promise.resolve(credentials);
  return {
    ...target,
    credentials: async () => (await current)(),
    renew: (reason = 'unauthorized') => {
      if (reason === 'unauthorized') login.plugin = undefined;
      const last = current;
      // A kubeconfig that is just being written is read again at the next renewal.
      current = read(options, login).then(
        (renewed) => renewed.credentials,
        () => last,
      );
    },
  };
}

async function read(options: KubeconfigOptions, login: Login) {
  const { path, context: name, env = process.env, impersonate } = options;
  const config = await readKubeconfig(path, options);
  const context = contextOf(config, name ?? config.currentContext);
  const cluster = clusterOf(config, context);
  const user = userOf(config, context);
  const proxyUrl = cluster.text('proxy-url');
  return {
    server: new URL(cluster.text('server')),
    ...(proxyUrl && { proxy: parseProxyUrl(proxyUrl, cluster.place('proxy-url')) }),
    namespace: namespaceOf(context),
    pod: claimsOf(tokenOf(user)).pod,
    credentials: kubeconfigCredentials({ cluster, user, env, impersonate, login }),
  };
}

function namespaceOf(context: KubeconfigEntry): string {
  const namespace = context.text('namespace') || 'default';
  if (isDnsLabel(namespace)) return namespace;
  throw new ConnectionError(`${context.place('namespace')} is "${namespace}", which is not a valid namespace`);
}

function contextOf({ path, contexts }: Kubeconfig, name: string): KubeconfigEntry {
  const context = find(contexts, name);
  if (context) return context;
  if (contexts.length === 0) throw new ConnectionError(`kubeconfig ${path} has no contexts: is it a kubeconfig?`);
  const names = contexts.map((one) => one.name);
  const choice = [...names.slice(0, MAX_CHOICE), ...(names.length > MAX_CHOICE ? ['…'] : [])].join(', ');
  throw new ConnectionError(
    name
      ? `kubeconfig ${path} has no context "${name}": choose one of ${choice}`
      : `kubeconfig ${path} names no current context: choose one of ${choice} with --context`,
  );
}

function clusterOf({ clusters }: Kubeconfig, context: KubeconfigEntry): KubeconfigEntry {
  const name = context.text('cluster');
  const cluster = find(clusters, name);
  const server = cluster?.text('server');
  if (!cluster || !server)
    throw new ConnectionError(`${context.place('cluster')} is "${name}", which is not defined with a server`);
  if (!/^https?:/i.test(server) || !URL.canParse(server))
    throw new ConnectionError(`${cluster.place('server')} is not a URL: write it like https://api.example:6443`);
  return cluster;
}

/** A context may name no user: some servers need none. */
function userOf({ users }: Kubeconfig, context: KubeconfigEntry): KubeconfigEntry {
  const name = context.text('user');
  const user = name ? find(users, name) : new KubeconfigEntry('user', { name }, '');
  if (!user) throw new ConnectionError(`${context.place('user')} is "${name}", which is not defined`);
  return user;
}

/** The first file to define a name wins; one that defines it twice is ambiguous, and rejected by kubectl, too. */
function find(entries: readonly KubeconfigEntry[], name: string): KubeconfigEntry | undefined {
  const [first, ...others] = entries.filter((entry) => entry.name === name);
  if (first && others.some(({ kubeconfig }) => kubeconfig === first.kubeconfig))
    throw new ConnectionError(`${first.place()} is defined twice: rename or remove one`);
  return first;
}
