// Tells errors below HTTP apart: the server is unreachable (retry), or it is not trusted.
import { UnavailableError, type UntrustedServerError } from '../core/errors.ts';
import { untrustedServerError } from './untrusted-server.ts';

export function errorFromSocket(error: unknown, mayHaveArrived: boolean): UnavailableError | UntrustedServerError {
  const cause = error instanceof Error ? error : new Error(String(error));
  const code = 'code' in cause ? String(cause.code) : '';
  return untrustedServerError(cause) ?? new UnavailableError(describe(cause.message, code), { cause, mayHaveArrived });
}

function describe(message: string, code: string): string {
  // Node's message for a response that ends early.
  if (message === 'aborted') return 'the connection was closed before the response was complete';
  return message || code || 'the connection failed';
}
