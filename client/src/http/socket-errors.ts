// Tells errors below HTTP apart: the server is unreachable (retry), or its certificate is not trusted.
import { UnavailableError, UntrustedServerError } from '../core/errors.ts';

// An alert means that the server rejected our certificate, not that we rejected the server's.
const CERTIFICATE_CODES = /^(?!.*ALERT).*(CERT|SELF_SIGNED|UNABLE_TO_(GET|VERIFY)|HOSTNAME_MISMATCH)/;

/** Whether the error code means that the server's certificate is not trusted. */
export function isCertificateCode(code: string | undefined): boolean {
  return code !== undefined && CERTIFICATE_CODES.test(code);
}

export function errorFromSocket(error: unknown, mayHaveArrived: boolean): UnavailableError | UntrustedServerError {
  const cause = error instanceof Error ? error : new Error(String(error));
  const code = 'code' in cause ? String(cause.code) : '';
  if (isCertificateCode(code)) return new UntrustedServerError(`${cause.message} (${code})`, { cause });
  return new UnavailableError(describe(cause.message, code), { cause, mayHaveArrived });
}

function describe(message: string, code: string): string {
  // Node's message for a response that ends early.
  if (message === 'aborted') return 'the connection was closed before the response was complete';
  return message || code || 'the connection failed';
}
