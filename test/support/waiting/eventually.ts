// Awaits a condition with a deadline, in place of fixed sleeps.
import { setTimeout as sleep } from 'node:timers/promises';

/** It costs nothing where all is well, and a busy machine may need it. */
const TIMEOUT_MS = 30_000;
const INTERVAL_MS = 50;
/** Conditions that start processes or read long logs must not keep the machine busy while they wait for it. */
const LONGEST_REST_MS = 500;

interface EventuallyOptions {
  readonly timeoutMs?: number;
  readonly intervalMs?: number;
}

/** What the condition says when it says neither yes nor a value; '' is what kubectl prints of a field that is not there. */
export type NotYet = undefined | null | false | '';

/**
 * Returns the condition's first value that is not "not yet". A condition that throws is tried again as well. `what` is for
 * the message: "<what> did not happen within …".
 */
export async function eventually<T>(
  what: string,
  condition: () => T | NotYet | Promise<T | NotYet>,
  { timeoutMs = TIMEOUT_MS, intervalMs = INTERVAL_MS }: EventuallyOptions = {},
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  let cause: unknown;
  do {
    const startedAt = performance.now();
    try {
      const value = await condition();
      if (value !== undefined && value !== null && value !== false && value !== '') return value;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    await sleep(Math.max(intervalMs, Math.min(performance.now() - startedAt, LONGEST_REST_MS)));
  } while (performance.now() < deadline);
  const reason = cause instanceof Error ? `: ${cause.message}` : '';
  throw new Error(`${what} did not happen within ${timeoutMs} ms${reason}`, { cause });
}
