// Whether this machine and the API server agree on the time.
import { type Finding, ok, warning } from './check.ts';

/** Two readings of clocks. */
export interface Clocks {
  /** Of this machine, before and after the question. */
  readonly askedAt: Date;
  readonly answeredAt: Date;
  /** Of the API server, without its fraction of a second. */
  readonly serverTime: Date | undefined;
}

/** A healthy clock is within milliseconds; a token of a minute is refused when one is off by as much. */
const TOLERANCE_MS = 5_000;

/** What the difference means. */
export function examineClock({ askedAt, answeredAt, serverTime }: Clocks): Finding {
  if (serverTime === undefined) return warning('the API server does not tell its time');
  const earliest = askedAt.getTime() - serverTime.getTime() - 1_000;
  const latest = answeredAt.getTime() - serverTime.getTime();
  if (earliest > TOLERANCE_MS) return differs(earliest, 'ahead of');
  if (latest < -TOLERANCE_MS) return differs(-latest, 'behind');
  return ok("agrees with the API server's");
}

function differs(byMs: number, direction: string): Finding {
  return warning(
    `${Math.round(byMs / 1_000)} s ${direction} the API server's: ages are wrong, and tokens may be refused`,
    'set both by NTP',
  );
}
