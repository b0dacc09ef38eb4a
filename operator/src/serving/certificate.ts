// The serving certificate in a mounted Secret of type kubernetes.io/tls: tls.crt and tls.key.
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** There is no usable certificate; the message says why and what to do. */
export class CertificateError extends Error {
  override readonly name = 'CertificateError';
}

/** Throws CertificateError; also for half of a rotation, a certificate with the other one's key. */
export function readCertificate(directory: string): Certificate {
  const read = (name: string) => readFileSync(join(directory, name), 'utf8');
  try {
    const certificate = { cert: read('tls.crt'), key: read('tls.key') };
    const isPair = new X509Certificate(certificate.cert).checkPrivateKey(createPrivateKey(certificate.key));
    if (!isPair) throw new Error('tls.key is not the key of tls.crt');
    return certificate;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : cause;
    const message = `no serving certificate in ${directory} (${reason}): put tls.crt and tls.key there, PEM`;
    throw new CertificateError(message, { cause });
  }
}
