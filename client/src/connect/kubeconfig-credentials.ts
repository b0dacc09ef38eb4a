// The credentials of a kubeconfig's user for one cluster: tokens and certificates in the kubeconfig or in files, passwords,
// exec plugins, impersonation. Auth providers, which kubectl replaced by exec plugins, are not supported.
import { rejectAuthProvider } from './auth-provider.ts';
import { ConnectionError, type Credentials, type RequestHeaders, type TlsMaterial, trusting } from './connection.ts';
import type { ExecConfig, ExecPlugin } from './exec-plugin.ts';
import { type Impersonation, impersonationHeaders } from './impersonation.ts';
import type { KubeconfigEntry } from './kubeconfig-entry.ts';
import { pemProblem } from './pem.ts';
import { recentlyRead } from './recently-read.ts';
import { systemAuthorities } from './system-authorities.ts';

/** The name of the cluster extension with the configuration of its exec plugin. */
const EXEC_EXTENSION = 'client.authentication.k8s.io/exec';

export interface Account {
  readonly cluster: KubeconfigEntry;
  readonly user: KubeconfigEntry;
  /** The environment of an exec plugin. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly impersonate?: Impersonation | undefined;
  readonly login: Login;
}

/** The exec plugin that was run last, with what it printed. */
export interface Login {
  plugin?: Promise<ExecPlugin> | undefined;
}

/**
 * Returns a function that resolves with the credentials of the moment. Throws ConnectionError for an auth provider, and when
 * a file cannot be read.
 */
export function kubeconfigCredentials(account: Account): () => Promise<Credentials> {
  const { user, login } = account;
  rejectAuthProvider(user);
  const fixed = recentlyRead(() => readCredentials(account));
  fixed.get();
  return async () => {
    const { headers, tls } = fixed.get();
    // A plugin is not run when there are credentials without it, as in client-go.
    if (!user.fields.exec || headers.authorization || tls.cert) return { headers, tls };
    try {
      login.plugin ??= loadPlugin(account);
      const { token, clientCertificateData: cert, clientKeyData: key } = await (await login.plugin).status();
      return {
        headers: { ...headers, ...(token && { authorization: `Bearer ${token}` }) },
        tls: { ...tls, ...(cert && key && { cert, key }) },
      };
    } catch (cause) {
      throw new ConnectionError(`the kubeconfig's credentials cannot be used: ${(cause as Error).message}`, { cause });
    }
  };
}

/** Most kubeconfigs have none, and node:child_process takes Bun three milliseconds to load. */
async function loadPlugin({ cluster, user, env }: Account): Promise<ExecPlugin> {
  const { ExecPlugin } = await import('./exec-plugin.ts');
  const { directory } = user;
  return new ExecPlugin(user.fields.exec as ExecConfig, { directory, env, cluster: () => clusterInfo(cluster) });
}

function readCredentials(account: Account): Credentials {
  const { cluster, user } = account;
  const authorization = authorizationOf(user);
  const tls = {
    ...trustOf(account),
    ...certificateOf(user),
    servername: cluster.text('tls-server-name') || undefined,
  };
  return {
    headers: { ...(authorization && { authorization }), ...impersonationOf(account) },
    tls: Object.fromEntries(Object.entries(tls).filter(([, value]) => value !== undefined)),
  };
}

/** An empty CA is none, as in kubectl; without one, the system's CAs are trusted. */
function trustOf({ cluster, env }: Account): TlsMaterial {
  const ca = cluster.data('certificate-authority', (pem) =>
    pem.length > 0 ? pemProblem(pem, 'certificate') : undefined,
  );
  const isPlain = /^http:/i.test(cluster.text('server'));
  if (!cluster.flag('insecure-skip-tls-verify')) return trusting(ca?.length || isPlain ? ca : systemAuthorities(env));
  if (!ca?.length) return { rejectUnauthorized: false };
  throw new ConnectionError(
    `${cluster.place()} has both a certificate-authority and insecure-skip-tls-verify: remove one of them`,
  );
}

function certificateOf(user: KubeconfigEntry): TlsMaterial {
  const cert = user.data('client-certificate', (pem) => pemProblem(pem, 'certificate'));
  if (!cert) return {};
  const key = user.data('client-key', (pem) => pemProblem(pem, 'private key'));
  if (key) return { cert, key };
  throw new ConnectionError(
    `${user.place()} has a client-certificate but no client-key: set client-key or client-key-data`,
  );
}

/** What the caller asks for precedes what the kubeconfig says, part by part, as in kubectl. */
function impersonationOf({ user, impersonate = {} }: Account): RequestHeaders {
  const named = {
    user: impersonate.user || user.text('as'),
    uid: impersonate.uid || user.text('as-uid'),
    groups: impersonate.groups?.length ? impersonate.groups : user.texts('as-groups'),
  };
  return impersonationHeaders(named, user.textsByKey('as-user-extra'));
}

function authorizationOf(user: KubeconfigEntry): string | undefined {
  const token = tokenOf(user);
  if (token) return `Bearer ${token}`;
  const [name, password] = [user.text('username'), user.text('password')];
  return name || password ? `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}` : undefined;
}

/** The token file takes precedence; the token is used only when the file cannot be read. */
export function tokenOf(user: KubeconfigEntry): string {
  const token = user.text('token').trim();
  try {
    return user.file('tokenFile', tokenProblem)?.toString().trim() ?? token;
  } catch (error) {
    if (token) return token;
    throw error;
  }
}

function tokenProblem(content: Buffer): string | undefined {
  return content.toString().trim() === '' ? 'is empty' : undefined;
}

/** https://kubernetes.io/docs/reference/config-api/client-authentication.v1/#client-authentication-k8s-io-v1-Cluster */
function clusterInfo(cluster: KubeconfigEntry): object {
  const { extensions, ...fields } = cluster.fields;
  const named = Array.isArray(extensions) ? extensions.find(({ name }) => name === EXEC_EXTENSION) : undefined;
  return {
    server: cluster.text('server'),
    'tls-server-name': cluster.text('tls-server-name') || undefined,
    'insecure-skip-tls-verify': cluster.flag('insecure-skip-tls-verify') || undefined,
    'certificate-authority-data': cluster.data('certificate-authority')?.toString('base64'),
    'proxy-url': cluster.text('proxy-url') || undefined,
    'disable-compression': fields['disable-compression'] || undefined,
    config: named?.extension ?? null,
  };
}
