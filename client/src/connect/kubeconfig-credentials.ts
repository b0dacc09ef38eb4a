// The credentials of a kubeconfig's user for one cluster: tokens and certificates in the kubeconfig or in files, passwords,
// exec plugins, impersonation. Auth providers, which kubectl replaced by exec plugins, are not supported.
import { ConnectionError, type Credentials, type RequestHeaders, trusting } from './connection.ts';
import type { ExecConfig, ExecPlugin } from './exec-plugin.ts';
import { type Impersonation, impersonationHeaders, type UserExtra } from './impersonation.ts';
import { firstLine, type KubeconfigEntry } from './kubeconfig-files.ts';
import { recentlyRead } from './recently-read.ts';

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
  if (user.fields['auth-provider'])
    throw new ConnectionError(
      `${user.place('auth-provider')} is not supported: use an exec plugin instead, such as kubelogin`,
    );
  const fixed = recentlyRead(() => readCredentials(account));
  try {
    fixed.get();
  } catch (error) {
    throw unusable(error);
  }
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
    } catch (error) {
      throw unusable(error);
    }
  };
}

function unusable(cause: unknown): ConnectionError {
  if (cause instanceof ConnectionError) return cause;
  return new ConnectionError(`the kubeconfig's credentials cannot be used: ${firstLine(cause)}`, { cause });
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
    ...trusting(cluster.data('certificate-authority')),
    cert: user.data('client-certificate'),
    key: user.data('client-key'),
    servername: cluster.text('tls-server-name') || undefined,
    rejectUnauthorized: cluster.fields['insecure-skip-tls-verify'] === true ? false : undefined,
  };
  return {
    headers: { ...(authorization && { authorization }), ...impersonationOf(account) },
    tls: Object.fromEntries(Object.entries(tls).filter(([, value]) => value !== undefined)),
  };
}

/** What the caller asks for precedes what the kubeconfig says, part by part, as in kubectl. */
function impersonationOf({ user, impersonate = {} }: Account): RequestHeaders {
  const { 'as-groups': groups, 'as-user-extra': extra } = user.fields as ImpersonationFields;
  return impersonationHeaders(
    {
      user: impersonate.user || user.text('as'),
      uid: impersonate.uid || user.text('as-uid'),
      groups: impersonate.groups?.length ? impersonate.groups : groups,
    },
    extra ?? {},
  );
}

interface ImpersonationFields {
  readonly 'as-groups'?: readonly string[] | null;
  readonly 'as-user-extra'?: UserExtra | null;
}

function authorizationOf(user: KubeconfigEntry): string | undefined {
  const token = tokenOf(user);
  if (token) return `Bearer ${token}`;
  const [name, password] = [user.text('username'), user.text('password')];
  return name || password ? `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}` : undefined;
}

/** The token file takes precedence; the token is used only when the file cannot be read. */
function tokenOf(user: KubeconfigEntry): string {
  const token = user.text('token').trim();
  try {
    const content = user.file('tokenFile')?.toString().trim();
    if (content === '') throw new Error(`the token file ${user.text('tokenFile')} is empty`);
    return content ?? token;
  } catch (error) {
    if (token) return token;
    throw error;
  }
}

/** https://kubernetes.io/docs/reference/config-api/client-authentication.v1/#client-authentication-k8s-io-v1-Cluster */
function clusterInfo(cluster: KubeconfigEntry): object {
  const { extensions, ...fields } = cluster.fields;
  const named = Array.isArray(extensions) ? extensions.find(({ name }) => name === EXEC_EXTENSION) : undefined;
  return {
    server: cluster.text('server'),
    'tls-server-name': cluster.text('tls-server-name') || undefined,
    'insecure-skip-tls-verify': fields['insecure-skip-tls-verify'] || undefined,
    'certificate-authority-data': cluster.data('certificate-authority')?.toString('base64'),
    'proxy-url': cluster.text('proxy-url') || undefined,
    'disable-compression': fields['disable-compression'] || undefined,
    config: named?.extension ?? null,
  };
}
