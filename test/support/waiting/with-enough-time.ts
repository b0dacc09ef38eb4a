// Time limits that are meant to expire, but not before something was observed.
import { formatDuration } from '@konductor/schema';

const LIMITS_MS = [500, 2_000, 8_000];

export interface TimeLimit {
  readonly timeoutMs: number;
  /** As koncli takes it and prints it. */
  readonly text: string;
}

/**
 * Checks with a limit that is long enough: a short one is over on a busy machine before a process has begun to work. What is
 * wrong is wrong with each.
 */
export async function withEnoughTime(check: (limit: TimeLimit) => Promise<unknown>): Promise<void> {
  for (const timeoutMs of LIMITS_MS) {
    const text = formatDuration(BigInt(timeoutMs) * 1_000_000n);
    try {
      await check({ timeoutMs, text });
      return;
    } catch (error) {
      if (timeoutMs === LIMITS_MS.at(-1)) throw error;
    }
  }
}
