// Finds the proxy that the environment names for a server, by the rules of Go's net/http, which kubectl uses:
// https://pkg.go.dev/golang.org/x/net/http/httpproxy.
import { BlockList, isIP } from 'node:net';
import { hostOf } from './connection.ts';
import { parseProxyUrl } from './proxy-url.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

const HAS_SCHEME = /^[a-z][a-z0-9+.-]*:\/\//i;

/** Returns undefined when the server is reached directly. Throws ConnectionError for a variable that is not a proxy's URL. */
export function proxyOfEnvironment(server: URL, env: Environment): URL | undefined {
  const variable = server.protocol === 'http:' ? 'HTTP_PROXY' : 'HTTPS_PROXY';
  const text = read(env, variable)?.trim();
  if (!text || isExempt(server, read(env, 'NO_PROXY') ?? '')) return undefined;
  return parseProxyUrl(HAS_SCHEME.test(text) ? text : `http://${text}`, variable);
}

function read(env: Environment, name: string): string | undefined {
  return env[name] || env[name.toLowerCase()];
}

/** The machine's own addresses always are. */
function isExempt(server: URL, noProxy: string): boolean {
  const host = hostOf(server).toLowerCase();
  if (host === 'localhost' || (isIP(host) && LOOPBACK.check(host, familyOf(host)))) return true;
  const port = server.port || (server.protocol === 'http:' ? '80' : '443');
  const entries = noProxy.toLowerCase().split(',');
  return entries.some((entry) => matches(entry.trim(), { host, port }));
}

interface Address {
  readonly host: string;
  readonly port: string;
}

function matches(entry: string, { host, port }: Address): boolean {
  if (entry === '*') return true;
  if (entry.includes('/')) return isIP(host) !== 0 && isInRange(entry, host);
  const { name, port: onlyPort = port } = splitPort(entry);
  if (name === '' || onlyPort !== port) return false;
  if (isIP(name)) return name === host;
  const domain = name.replace(/^\*\./, '.');
  return domain.startsWith('.') ? host.endsWith(domain) : host === domain || host.endsWith(`.${domain}`);
}

/** An IPv6 address contains colons; with a port, it is in brackets. */
function splitPort(entry: string): { name: string; port?: string } {
  const [, bracketed, plain, port] = /^(?:\[(.*)\]|([^:]*))(?::(\d+))?$/.exec(entry) ?? [];
  const name = bracketed ?? plain ?? entry;
  return port === undefined ? { name } : { name, port };
}

function isInRange(range: string, host: string): boolean {
  const [network = '', prefix = ''] = range.split('/');
  const length = /^\d+$/.test(prefix) ? Number(prefix) : Number.NaN;
  if (!isIP(network) || !(length <= (familyOf(network) === 'ipv4' ? 32 : 128))) return false;
  const list = new BlockList();
  list.addSubnet(network, length, familyOf(network));
  return list.check(host, familyOf(host));
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');
