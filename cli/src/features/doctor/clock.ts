// Compares the clocks of this machine and of the operator with that of the API server.
import { type CheckContext, type Finding, ok, warning } from './check.ts';
import { operatorAheadMs } from './operator-clock.ts';

/** Synchronized clocks differ by milliseconds; a difference of minutes invalidates short-lived tokens. */
const TOLERANCE_MS = 5_000;

/** Call it after other requests: they measure the API server's clock. */
export async function examineClock(context: CheckContext): Promise<Finding> {
  return describeClocks(context.transport.clock.aheadMs, await operatorAheadMs(context));
}

/** Warns if a clock differs by more than the tolerance; `operatorMs` is undefined if the operator's is unknown. */
export function describeClocks(ownMs: number, operatorMs = 0): Finding {
  const advice = 'synchronize both clocks with NTP';
  if (Math.abs(ownMs) > TOLERANCE_MS)
    return warning(`${difference(ownMs)} the API server: ages are wrong, and tokens may be rejected`, advice);
  if (Math.abs(operatorMs) > TOLERANCE_MS)
    return warning(
      `the clock of the operator is ${difference(operatorMs)} the API server: the times in its logs are wrong, TTLs are not`,
      advice,
    );
  return ok('in sync with the API server');
}

function difference(aheadMs: number): string {
  return `${Math.round(Math.abs(aheadMs) / 1_000)} s ${aheadMs > 0 ? 'ahead of' : 'behind'}`;
}
