// The connection to an API server: its address, its proxy and the credentials of each request, whatever their source.
import type { PodReference } from '@konductor/schema';

/** Names are in lower case; each of several values is sent in a line of its own. */
export type RequestHeaders = Readonly<Record<string, string | readonly string[]>>;

/** The headers and the TLS material of one request. */
export interface Credentials {
  readonly headers: RequestHeaders;
  readonly tls: TlsMaterial;
}

export interface TlsMaterial {
  readonly ca?: string | Buffer;
  /** Whether a certificate in `ca` is trusted that is not self-signed. */
  readonly allowPartialTrustChain?: boolean;
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  readonly servername?: string;
  readonly rejectUnauthorized?: boolean;
}

export interface Connection {
  readonly server: URL;
  /** The proxy that requests go through, with its user and password. */
  readonly proxy?: URL | undefined;
  /** The namespace of requests that name none. */
  readonly namespace: string;
  /** The pod that the credentials are bound to, which is the one that this process runs in. Its host name may be another one. */
  readonly pod?: PodReference | undefined;
  /** Called before every request; it returns recent credentials from memory. */
  credentials(): Promise<Credentials>;
  /** Called when the last credentials were of no use: the next ones are read from their sources again. */
  renew(reason?: RenewalReason): void;
}

/** The credentials were rejected (401), or they do not trust the server; exec plugins provide none of that trust. */
export type RenewalReason = 'unauthorized' | 'untrusted';

/** Trusts all that a CA bundle holds, as Go does: a root, an intermediate alone, or the serving certificate itself. */
export function trusting(ca: string | Buffer | undefined): TlsMaterial {
  return ca && ca.length > 0 ? { ca, allowPartialTrustChain: true } : {};
}

/** No cluster is configured, or its configuration is invalid; the message says what to do. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';
}

/** The error for credentials that a TLS library or an HTTP header does not accept. */
export function malformed(cause: unknown): ConnectionError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const message = /key.values.mismatch/i.test(reason)
    ? 'the client certificate does not belong to the client key: check both in the kubeconfig'
    : `the credentials are malformed (${reason}): check CA, certificate, key, token and the user to impersonate`;
  return new ConnectionError(message, { cause });
}

/** The host of a URL as sockets take it: an IPv6 address without the brackets. */
export function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '');
}
