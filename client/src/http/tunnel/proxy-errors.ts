// The errors of a proxy. Messages name it without its user and password.
import { ConnectionError } from '../../connect/connection.ts';
import { isCertificateCode } from '../untrusted-server.ts';

/** User and password of the proxy's URL; undefined: it has none. */
export function credentialsOf({ username, password }: URL): [user: string, password: string] | undefined {
  return username || password ? [decodeURIComponent(username), decodeURIComponent(password)] : undefined;
}

/** The proxy did not respond: it is unreachable, or its certificate is not trusted. */
export function proxyFailedError(proxy: URL, cause: unknown): Error {
  const { message, code } = cause as NodeJS.ErrnoException;
  if (!isCertificateCode(code)) return new Error(`${describe(proxy)} cannot be used: ${message || code}`, { cause });
  const text = `${describe(proxy)} is not trusted, ${message}: add its CA to NODE_EXTRA_CA_CERTS`;
  return new ConnectionError(text, { cause });
}

/** The next step for the user; none when a retry may succeed. */
const ADVICE = {
  login: ': check the user and password in its URL, as in http://user:password@proxy.example:3128',
  denied: ': ask its administrator for access, or add the API server to NO_PROXY if it is reachable without the proxy',
  temporary: '',
};

/** The proxy responded, but did not connect. */
export function proxyRejectedError(proxy: URL, what: string, kind: keyof typeof ADVICE): Error {
  const message = `${describe(proxy)} ${what}${ADVICE[kind]}`;
  return kind === 'temporary' ? new Error(message) : new ConnectionError(message);
}

function describe({ protocol, host }: URL): string {
  return `the proxy ${protocol}//${host}`;
}
