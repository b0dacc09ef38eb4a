// One GET over TLS that trusts one authority, as Prometheus does it.
import { request } from 'node:https';
import { text } from 'node:stream/consumers';
import type { TLSSocket } from 'node:tls';

export interface SecureAnswer {
  readonly code: number;
  readonly body: string;
  /** Of the server's certificate. */
  readonly commonName: string;
}

/** `address` is `host:port/path`. */
export function getSecurely(
  address: string,
  { ca, token }: { readonly ca: string; readonly token?: string },
): Promise<SecureAnswer> {
  return new Promise((resolve, reject) => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const sent = request(`https://${address}`, { ca, headers, agent: false }, async (response) => {
      const commonName = String((response.socket as TLSSocket).getPeerCertificate().subject.CN);
      resolve({ code: response.statusCode ?? 0, body: await text(response), commonName });
    });
    sent.once('error', reject).end();
  });
}
