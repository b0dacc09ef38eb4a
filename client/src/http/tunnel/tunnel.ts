// The seam between a connection through a proxy and the protocols that open one.
import type { ConnectionOptions } from 'node:tls';

/** What a way through a proxy is made of. */
export interface Tunnel {
  readonly proxy: URL;
  /** The API server. */
  readonly host: string;
  readonly port: number;
  /** Of the cluster: kubectl trusts a proxy with TLS by it too. */
  readonly ca: ConnectionOptions['ca'];
  /** Ends the attempt. */
  readonly signal: AbortSignal;
}
