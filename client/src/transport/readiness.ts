// An API server that starts takes requests before it knows all roles, tokens and CRDs, and refuses what it does not know yet.
// Whether a refusal is of that kind is told by its readiness, never by its text.
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

export function mayPassOnceReady(error: unknown): boolean {
  return (
    error instanceof ForbiddenError || error instanceof UnauthorizedError || error instanceof ResourceNotServedError
  );
}

export interface Refusal {
  readonly refusal: unknown;
  readonly signal: AbortSignal | undefined;
}

/**
 * Resolves when the API server is ready, or keeps its readiness to itself; throws UnavailableError while it starts.
 * `probe` asks for /readyz, which RBAC allows to everybody, but as long as it knows no role, to nobody.
 * See https://kubernetes.io/docs/reference/using-api/health-checks/.
 */
export async function requireReady(probe: () => Promise<unknown>, { refusal, signal }: Refusal): Promise<void> {
  for (let left = PROBES; left > 0; left--) {
    try {
      await probe();
      return;
    } catch (error) {
      if (error instanceof AbortedError) throw error;
      if (isTransient(error))
        throw new UnavailableError('the API server is starting', { cause: refusal, mayHaveArrived: false });
    }
    await sleep(PROBE_INTERVAL_MS, signal);
  }
}
