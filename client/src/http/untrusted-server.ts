// Says why the certificate of a server is not trusted, with what the certificate says: its dates, its names or its issuer.
import type { Socket } from 'node:net';
import type { PeerCertificate, TLSSocket } from 'node:tls';
import { type Distrust, UntrustedServerError } from '../core/errors.ts';

/** An error of a TLS library. As with Node's errors about names, `cert` is what the server presented. */
export interface TlsError extends NodeJS.ErrnoException {
  cert?: Partial<PeerCertificate> | undefined;
}

// An alert means that the server rejected our certificate, not that we rejected the server's.
const CERTIFICATE_CODES = /^(?!.*ALERT).*(CERT|SELF_SIGNED|UNABLE_TO_(GET|VERIFY)|HOSTNAME_MISMATCH)/;
/** Of OpenSSL and BoringSSL, which have no code for it on all runtimes: the response is not TLS. */
const NOT_TLS = /wrong[ _]version[ _]number/i;

/** Whether the error code means that a certificate is not trusted. */
export function isCertificateCode(code: string | undefined): boolean {
  return code !== undefined && CERTIFICATE_CODES.test(code);
}

/** Adds the certificate to the error that says that it is not trusted. Node and Bun destroy the socket with it, and forget it then. */
export function keepCertificate(socket: Socket): void {
  if (!('getPeerCertificate' in socket)) return;
  const destroy = socket.destroy.bind(socket);
  socket.destroy = (error?: TlsError) => {
    if (isCertificateCode(error?.code))
      Object.assign(error ?? {}, { cert: (socket as TLSSocket).getPeerCertificate() });
    return destroy(error);
  };
}

/** Undefined for an error that is not about trust. */
export function untrustedServerError(error: TlsError, now = new Date()): UntrustedServerError | undefined {
  const { code = '', message } = error;
  if (NOT_TLS.test(`${code} ${message}`)) {
    return new UntrustedServerError('the server does not use TLS', { reason: 'noTls', cause: error });
  }
  if (!isCertificateCode(code)) return undefined;
  const reason = reasonOf(code);
  const why = describe(error, reason, now) ?? message;
  return new UntrustedServerError(`the server's certificate is not trusted: ${why} (${code})`, {
    reason,
    cause: error,
  });
}

function reasonOf(code: string): Distrust {
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') return 'dates';
  return /ALTNAME|HOSTNAME/.test(code) ? 'names' : 'issuer';
}

function describe({ code, message, cert }: TlsError, reason: Distrust, now: Date): string | undefined {
  switch (reason) {
    case 'dates':
      return `${describeDates(code, cert, now)}; the clock here says ${timestamp(now)}`;
    case 'names':
      return message.replace(/^.*altnames: /, '');
    default: {
      const issuer = cert?.issuer?.CN ?? cert?.issuer?.O;
      return issuer && `it was issued by "${issuer}", and no certificate that the client trusts leads to it`;
    }
  }
}

/** The certificate that is out of its dates may also be one between the server's and the root. */
function describeDates(code: string | undefined, cert: TlsError['cert'], now: Date): string {
  const [from, to] = [new Date(cert?.valid_from ?? ''), new Date(cert?.valid_to ?? '')];
  if (from > now) return `it is not valid until ${timestamp(from)}`;
  if (to < now) return `it expired on ${timestamp(to)}`;
  return code === 'CERT_HAS_EXPIRED' ? 'a certificate has expired' : 'a certificate is not valid yet';
}

function timestamp(date: Date): string {
  return date.toISOString().replace(/\.\d+/, '');
}
