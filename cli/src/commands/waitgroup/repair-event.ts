// The Event that records a repair. It imports the client, so set imports it when it runs.
import { AbortedError } from '@konductor/client';
import type { WaitGroup } from '@konductor/schema';
import type { Run } from '../../arguments/invocation.ts';
import { describeFailure } from '../../failure/failure.ts';
import type { Session } from '../../session/session.ts';

/** The repaired WaitGroup and the message of the Event. */
export interface Repair {
  readonly group: WaitGroup;
  readonly message: string;
}

const REASON = 'CounterSet';
/** The repair is done: its Event is worth only a short wait. */
const TIMEOUT_MS = 10_000;

/** Records the repair. Only warns when it cannot: the repair itself has succeeded. */
export async function publishRepair(
  { client, callOptions }: Session,
  { group, message }: Repair,
  run: Run,
): Promise<void> {
  const timeoutMs = Math.min(callOptions.timeoutMs ?? TIMEOUT_MS, TIMEOUT_MS);
  try {
    await client.publishEvent(group, { type: 'Normal', reason: REASON, message }, { ...callOptions, timeoutMs });
  } catch (error) {
    if (error instanceof AbortedError) throw error;
    run.log.warn(`the counter was set, but its Event could not be created: ${describeFailure(error, run).line}`);
  }
}
