// What the checks are made on, in one session: each request is short, and all of them together keep to --timeout.
import type { Run } from '../arguments/invocation.ts';
import type { Settings } from '../arguments/settings.ts';
import type { Session } from '../session/session.ts';
import type { Patient } from './check.ts';

/** A cluster that takes longer for one answer is ill. */
const REQUEST_TIMEOUT_MS = 10_000;

/** `name`: the one group that is asked about. */
export function createPatient(
  { transport, client }: Session,
  { timeout }: Settings,
  { run, name }: { readonly run: Run; readonly name?: string | undefined },
): Patient {
  const endsAt = performance.now() + (timeout?.ms ?? REQUEST_TIMEOUT_MS);
  return {
    transport,
    namespace: client.namespace,
    name,
    get limits() {
      const leftMs = Math.max(1, Math.ceil(endsAt - performance.now()));
      return { timeoutMs: Math.min(REQUEST_TIMEOUT_MS, leftMs), signal: run.signal };
    },
  };
}
