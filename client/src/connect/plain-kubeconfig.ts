// The kubeconfig that most people have: one file with certificates or tokens in it. It is read here, in a fraction of the time
// that loading @kubernetes/client-node takes; all others, and all that is wrong with one, are the library's: docs/decisions/0013.
import { readFileSync } from 'node:fs';
import type { Connection, Credentials } from './connection.ts';
import type { KubeconfigOptions } from './kubeconfig-options.ts';

/** A cluster or user that has another field as well needs the library. */
const CLUSTER_FIELDS = [
  'server',
  'certificate-authority-data',
  'insecure-skip-tls-verify',
  'tls-server-name',
  'extensions',
];
const USER_FIELDS = ['client-certificate-data', 'client-key-data', 'token'];

type Fields = Readonly<Record<string, unknown>>;
type Described = Pick<Connection, 'server' | 'namespace'> & { readonly held: Credentials };

type ParseYaml = (text: string) => unknown;

/** Absent: this one is for the library. */
export async function plainConnection(options: KubeconfigOptions): Promise<Connection | undefined> {
  // Loading js-yaml takes Bun longer than its own parser takes.
  const { Bun } = globalThis as { Bun?: { readonly YAML: { parse(text: string): unknown } } };
  const parseYaml = Bun?.YAML.parse ?? (await import('js-yaml')).load;
  const describe = () => describeFile(options, parseYaml);
  const first = describe();
  if (!first) return undefined;
  let described = first;
  const { server, namespace } = first;
  return {
    server,
    namespace,
    credentials: async () => described.held,
    renew: () => {
      described = describe() ?? described;
    },
  };
}

function describeFile({ path, context }: KubeconfigOptions, parseYaml: ParseYaml): Described | undefined {
  const config = parseFile(path, parseYaml);
  const used = find(config, 'context', context ?? config['current-context']);
  const cluster = only(CLUSTER_FIELDS, find(config, 'cluster', used.cluster));
  const user = only(USER_FIELDS, find(config, 'user', used.user));
  const { server } = cluster ?? {};
  if (!cluster || !user || typeof server !== 'string' || !/^https:/.test(server) || !URL.canParse(server))
    return undefined;
  const namespace = used.namespace ?? '';
  // YAML takes 123 for a number.
  if (typeof namespace !== 'string') return undefined;
  return {
    server: new URL(server),
    namespace: namespace || 'default',
    held: { headers: headersOf(user), tls: tlsOf(cluster, user) },
  };
}

/** Without fields when it cannot be read. */
function parseFile(path: string, parseYaml: ParseYaml): Fields {
  try {
    return fields(parseYaml(readFileSync(path, 'utf8')));
  } catch {
    return {};
  }
}

/** The first of this name, as in kubectl. */
function find(config: Fields, kind: 'context' | 'cluster' | 'user', name: unknown): Fields {
  const list = config[`${kind}s`];
  const named =
    Array.isArray(list) && typeof name === 'string' ? list.find((one) => fields(one).name === name) : undefined;
  return fields(fields(named)[kind]);
}

function fields(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

function only(known: readonly string[], given: Fields): Fields | undefined {
  const names = Object.keys(given);
  return names.length > 0 && names.every((name) => known.includes(name)) ? given : undefined;
}

function headersOf({ token }: Fields): Record<string, string> {
  return token ? { authorization: `Bearer ${String(token).trim()}` } : {};
}

function tlsOf(cluster: Fields, user: Fields): Credentials['tls'] {
  const decoded = (data: unknown) => (data ? Buffer.from(String(data), 'base64') : undefined);
  const name = cluster['tls-server-name'];
  const tls = {
    ca: decoded(cluster['certificate-authority-data']),
    cert: decoded(user['client-certificate-data']),
    key: decoded(user['client-key-data']),
    servername: name ? String(name) : undefined,
    rejectUnauthorized: cluster['insecure-skip-tls-verify'] === true ? false : undefined,
  };
  return Object.fromEntries(Object.entries(tls).filter(([, value]) => value !== undefined));
}
