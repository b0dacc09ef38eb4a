// Compares the clocks of this machine and of the API server.
import { type Finding, ok, warning } from './check.ts';

/** The readings of both clocks. */
export interface Clocks {
  /** This machine's clock before and after the request. */
  readonly askedAt: Date;
  readonly respondedAt: Date;
  /** The API server's clock in whole seconds. */
  readonly serverTime: Date | undefined;
}

/** Synchronized clocks differ by milliseconds; a difference of minutes invalidates short-lived tokens. */
const TOLERANCE_MS = 5_000;

/** Warns if the clocks differ by more than the tolerance. */
export function examineClock({ askedAt, respondedAt, serverTime }: Clocks): Finding {
  if (serverTime === undefined) return warning('the API server did not report its time');
  const earliest = askedAt.getTime() - serverTime.getTime() - 1_000;
  const latest = respondedAt.getTime() - serverTime.getTime();
  if (earliest > TOLERANCE_MS) return differs(earliest, 'ahead of');
  if (latest < -TOLERANCE_MS) return differs(-latest, 'behind');
  return ok('in sync with the API server');
}

function differs(byMs: number, direction: string): Finding {
  return warning(
    `${Math.round(byMs / 1_000)} s ${direction} the API server: ages are wrong, and tokens may be rejected`,
    'synchronize both clocks with NTP',
  );
}
