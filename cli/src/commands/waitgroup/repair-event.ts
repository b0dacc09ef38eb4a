// The Event that records a repair. It imports the client, so set imports it when it runs.
import { AbortedError } from '@konductor/client';
import { describeEvent, type WaitGroup } from '@konductor/schema';
import type { Run } from '../../arguments/invocation.ts';
import { describeFailure } from '../../failure/failure.ts';
import type { Session } from '../../session/session.ts';

/** The repaired WaitGroup, its counter before and after, and why. */
export interface Repair {
  readonly group: WaitGroup;
  readonly before: number;
  readonly after: number;
  readonly reason: string;
}

/** The repair is done: its Event is worth only a short wait. */
const TIMEOUT_MS = 10_000;

/** Records the repair. Only warns when it cannot: the repair itself has succeeded. */
export async function publishRepair(
  { client, callOptions, by }: Session,
  { group, ...change }: Repair,
  run: Run,
): Promise<void> {
  const timeoutMs = Math.min(callOptions.timeoutMs ?? TIMEOUT_MS, TIMEOUT_MS);
  try {
    const event = describeEvent('CounterSet', { caller: by, ...change });
    await client.publishEvent(group, event, { ...callOptions, timeoutMs });
  } catch (error) {
    if (error instanceof AbortedError) throw error;
    run.log.warn(`the counter was set, but its Event could not be created: ${describeFailure(error, run).line}`);
  }
}
