// What a proxy is called in messages, without its user and password, and what its failures mean.
import { ConnectionError } from '../../connect/connection.ts';
import { isCertificateCode } from '../socket-errors.ts';

export function nameOf({ protocol, host }: URL): string {
  return `${protocol}//${host}`;
}

/** User and password; absent: none are given. */
export function credentialsOf({ username, password }: URL): [user: string, password: string] | undefined {
  return username || password ? [decodeURIComponent(username), decodeURIComponent(password)] : undefined;
}

/** There was no answer of the proxy's: it is away, as an API server can be, or another than it should be. */
export function proxyFailure(proxy: URL, cause: unknown): Error {
  const { message, code } = cause as NodeJS.ErrnoException;
  if (isCertificateCode(code))
    return new ConnectionError(
      `the proxy ${nameOf(proxy)} is not trusted, ${message}: give its CA in NODE_EXTRA_CA_CERTS`,
      {
        cause,
      },
    );
  return new Error(`the proxy ${nameOf(proxy)} cannot be used: ${message || code}`, { cause });
}

export interface Refusal {
  readonly needsLogin?: boolean;
  /** The same may succeed later. */
  readonly mayPass?: boolean;
}

/** It answered, and does not connect. */
export function proxyRefusal(proxy: URL, what: string, { needsLogin = false, mayPass = false }: Refusal): Error {
  const message = `the proxy ${nameOf(proxy)} ${what}`;
  if (mayPass) return new Error(message);
  const advice = needsLogin
    ? 'check user and password in its URL, as in http://user:password@proxy.example:3128'
    : 'ask for leave there, or name the API server in NO_PROXY if it can be reached without';
  return new ConnectionError(`${message}: ${advice}`);
}
