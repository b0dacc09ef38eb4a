// One check of koncli doctor: its context and its finding.
import { AbortedError, type KubeTransport, type RequestLimits } from '@konductor/client';
import type { Run } from '../../arguments/invocation.ts';
import type { Settings } from '../../arguments/settings.ts';
import type { Failure } from '../../failure/failure.ts';
import type { Session } from '../../session/session.ts';
import type { Purpose } from './purpose.ts';

/** The outcome of a check. */
export type Outcome = 'ok' | 'warning' | 'failure';

/** The result of a check. */
export interface Finding {
  readonly outcome: Outcome;
  readonly message: string;
  /** What to do. */
  readonly advice?: string | undefined;
  /** The exit code for a failure; absent: 1. */
  readonly code?: number;
}

/** In the order of the output. */
export type CheckName =
  | ('API server' | 'identity' | 'clock' | 'CRD' | 'policies' | 'hold' | 'namespace')
  | ('read' | 'count' | 'report' | 'manage' | 'events' | 'operator' | 'WaitGroups');

/** A finding and the name of its check. */
export interface Check extends Finding {
  readonly name: CheckName;
}

/** The connection, the namespace and the limits of the checks. */
export interface CheckContext {
  readonly transport: KubeTransport;
  readonly namespace: string;
  /** The WaitGroup to check permissions for; absent: all in the namespace. */
  readonly name: string | undefined;
  readonly purpose: Purpose;
  /** Whether the credentials are those of a pod. */
  readonly isInPod: boolean;
  readonly limits: RequestLimits;
}

/** A cluster that takes longer for one response has a problem. */
const REQUEST_TIMEOUT_MS = 10_000;

/** Each request has a short limit, and all together observe --timeout. `name`: the WaitGroup to check permissions for. */
export function createCheckContext(
  { transport, client, isInPod }: Session,
  { timeout }: Settings,
  {
    run,
    name,
    purpose = 'work',
  }: { readonly run: Run; readonly name?: string | undefined; readonly purpose?: Purpose },
): CheckContext {
  const endsAt = performance.now() + (timeout?.ms ?? REQUEST_TIMEOUT_MS);
  return {
    transport,
    namespace: client.namespace,
    name,
    purpose,
    isInPod,
    get limits() {
      const leftMs = Math.max(1, Math.ceil(endsAt - performance.now()));
      return { timeoutMs: Math.min(REQUEST_TIMEOUT_MS, leftMs), signal: run.signal };
    },
  };
}

/** A finding without a problem. */
export function ok(message: string): Finding {
  return { outcome: 'ok', message };
}

/** A finding that does not prevent use. */
export function warning(message: string, advice?: string): Finding {
  return { outcome: 'warning', message, advice };
}

/** Runs a check; an error is its failure, unless the run was aborted. */
export async function check(
  name: CheckName,
  examine: () => Promise<Finding>,
  describe: (error: unknown) => Failure,
): Promise<Check> {
  try {
    return { name, ...(await examine()) };
  } catch (error) {
    if (error instanceof AbortedError) throw error;
    const { code, line } = describe(error);
    return { name, outcome: 'failure', message: line, code };
  }
}
