// An API server that is starting accepts requests before it has loaded all roles, tokens and CRDs, and rejects valid ones.
// Such a rejection is recognized by the server's readiness, never by the text of the error.
import {
  AbortedError,
  ForbiddenError,
  isTransient,
  ResourceNotServedError,
  UnauthorizedError,
  UnavailableError,
} from '../core/errors.ts';
import { sleep } from '../core/timer.ts';

const PROBES = 5;
const PROBE_INTERVAL_MS = 200;

/** Whether an API server that is still starting may reject a valid request with this error. */
export function mayPassOnceReady(error: unknown): boolean {
  return (
    error instanceof ForbiddenError || error instanceof UnauthorizedError || error instanceof ResourceNotServedError
  );
}

/**
 * Resolves when the API server is ready or does not reveal its readiness; throws UnavailableError, caused by the rejection,
 * while it starts. `probe` requests /readyz, which RBAC allows for every client once the roles are loaded.
 * See https://kubernetes.io/docs/reference/using-api/health-checks/.
 */
export async function requireReady(
  probe: () => Promise<unknown>,
  rejection: unknown,
  signal: AbortSignal | undefined,
): Promise<void> {
  for (let left = PROBES; left > 0; left--) {
    try {
      await probe();
      return;
    } catch (error) {
      if (error instanceof AbortedError) throw error;
      if (isTransient(error))
        throw new UnavailableError('the API server is starting', { cause: rejection, mayHaveArrived: false });
    }
    await sleep(PROBE_INTERVAL_MS, signal);
  }
}
