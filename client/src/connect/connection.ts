// Where the API server is and as whom to speak to it, whatever that was read from.
/** By names in lower case; of several values each is sent in a line of its own. */
export type RequestHeaders = Readonly<Record<string, string | readonly string[]>>;

/** What one request is sent with. */
export interface Credentials {
  readonly headers: RequestHeaders;
  readonly tls: TlsMaterial;
}

export interface TlsMaterial {
  readonly ca?: string | Buffer;
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  readonly servername?: string;
  readonly rejectUnauthorized?: boolean;
}

export interface Connection {
  readonly server: URL;
  /** Of the proxy that requests go through, with its user and password; absent: none. */
  readonly proxy?: URL | undefined;
  /** The namespace that commands act in when none is named. */
  readonly namespace: string;
  /** Called before every request, so it answers from memory while what it holds is fresh. */
  credentials(): Promise<Credentials>;
  /** The last credentials were refused (401): read or ask for new ones. */
  renew(): void;
}

/** No way to a cluster could be found, or the one that was named is broken; the message says what to do. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';
}

/** For what a TLS library or an HTTP header does not take. */
export function malformed(cause: unknown): ConnectionError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new ConnectionError(`the credentials are malformed (${reason}): check CA, certificate, key and token`, {
    cause,
  });
}
// The host of a URL as sockets want it.
/** Brackets belong to the URL of an IPv6 address, not to its host. */
export function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '');
}
