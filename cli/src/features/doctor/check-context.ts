// Creates the context of the checks in a session: each request has a short limit, and all together observe --timeout.
import type { Run } from '../../arguments/invocation.ts';
import type { Settings } from '../../arguments/settings.ts';
import type { Session } from '../../session/session.ts';
import type { CheckContext } from './check.ts';

/** A cluster that takes longer for one response has a problem. */
const REQUEST_TIMEOUT_MS = 10_000;

/** `name`: the WaitGroup to check permissions for. */
export function createCheckContext(
  { transport, client }: Session,
  { timeout }: Settings,
  { run, name }: { readonly run: Run; readonly name?: string | undefined },
): CheckContext {
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
