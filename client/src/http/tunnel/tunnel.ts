// The seam between connections through a proxy and the protocols that open them.
import type { ConnectionOptions } from 'node:tls';

/** The parameters of one connection to the API server through a proxy. */
export interface Tunnel {
  readonly proxy: URL;
  /** The API server. */
  readonly host: string;
  readonly port: number;
  /** The CA of the cluster: like kubectl, trust an HTTPS proxy by it too. */
  readonly ca: ConnectionOptions['ca'];
  /** Aborts the attempt. */
  readonly signal: AbortSignal;
}
