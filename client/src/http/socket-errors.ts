// What an error below HTTP means: away (try again), or a server that is not the one the CA vouches for.
import { UnavailableError, UntrustedServerError } from '../core/errors.ts';

// An alert is the server's complaint about our certificate, not ours about its.
const CERTIFICATE_CODES = /^(?!.*ALERT).*(CERT|SELF_SIGNED|UNABLE_TO_(GET|VERIFY)|HOSTNAME_MISMATCH)/;

/** The certificate of whoever answers is not to be trusted. */
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
  // Node's word for an answer that breaks off.
  if (message === 'aborted') return 'the connection was closed before the answer was complete';
  return message || code || 'the connection failed';
}
