// The TLS options of every connection to the API server, whichever channel or tunnel opens it.
import type { TlsMaterial } from '../connect/connection.ts';

/**
 * Verification is always said to be on or off: left out, the runtimes let NODE_TLS_REJECT_UNAUTHORIZED decide, which may be
 * set for another program in the same image.
 */
export function tlsOptions<T extends object>(material: T & Pick<TlsMaterial, 'rejectUnauthorized'>) {
  return { ...material, rejectUnauthorized: material.rejectUnauthorized ?? true };
}
