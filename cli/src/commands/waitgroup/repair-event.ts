// The Event that tells of a repair. It imports the client, so set imports it when it runs.
import { AbortedError } from '@konductor/client';
import type { WaitGroup } from '@konductor/schema';
import type { Run } from '../../arguments/invocation.ts';
import { describeFailure } from '../../failure/failure.ts';
import type { Session } from '../../session/session.ts';

/** What was repaired, and what is said of it. */
export interface Repair {
  readonly group: WaitGroup;
  readonly message: string;
}

const REASON = 'CounterSet';
/** The repair is done: nobody is kept waiting long for the word of it. */
const TIMEOUT_MS = 10_000;

/** The repair stands whether it can be told of or not: that it cannot is a warning. */
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
    run.log.warn(`the counter is set, but no Event tells of it: ${describeFailure(error, run).line}`);
  }
}
