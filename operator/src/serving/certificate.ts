// The serving certificate in a mounted Secret of type kubernetes.io/tls: tls.crt and tls.key.
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** The message says what is wrong with the certificate and how to fix it. */
export class CertificateError extends Error {
  override readonly name = 'CertificateError';
}

/** Throws CertificateError, also in the middle of a rotation, while tls.crt and tls.key do not match. */
export function readCertificate(directory: string): Certificate {
  const read = (name: string) => readFileSync(join(directory, name), 'utf8');
  try {
    const certificate = { cert: read('tls.crt'), key: read('tls.key') };
    const isPair = new X509Certificate(certificate.cert).checkPrivateKey(createPrivateKey(certificate.key));
    if (!isPair) throw new Error('tls.key does not match tls.crt');
    return certificate;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : cause;
    const message = `cannot load a serving certificate from ${directory} (${reason}): it must contain tls.crt and tls.key in PEM format`;
    throw new CertificateError(message, { cause });
  }
}
