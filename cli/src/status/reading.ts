// What koncli waitgroup status asks the API server for. It imports the client, so status imports it when it runs.
import { AbortedError, type RecordedEvent, WaitGroupNotFoundError } from '@konductor/client';
import type { WaitGroup } from '@konductor/schema';
import type { Run } from '../arguments/invocation.ts';
import { NoGroupToShowError } from '../errors.ts';
import { describeFailure } from '../failure/failure.ts';
import { formatAgo } from '../output/age.ts';
import { byTime, timeOf } from '../output/event-table.ts';
import { oneLine } from '../process/log.ts';
import type { Session, SessionCallOptions } from '../session/session.ts';

/** What the requests go by. */
export interface Reading {
  /** With the time that all of them share. */
  readonly options: SessionCallOptions;
  readonly run: Run;
}

/** Events only explain: nobody is kept waiting long for them. */
const EVENTS_TIMEOUT_MS = 10_000;

/** Of a group that is not there any more, the last Event is told of, where it can be read, before the error is thrown. */
export async function readGroup(name: string, session: Session, { options, run }: Reading): Promise<WaitGroup> {
  try {
    return await session.client.get(name, options);
  } catch (error) {
    if (!(error instanceof WaitGroupNotFoundError)) throw error;
    await tellOfLastEvent(name, session, { options, run });
    throw error.absence === 'missing' ? new NoGroupToShowError(error) : error;
  }
}

async function tellOfLastEvent(name: string, { client }: Session, { options, run }: Reading): Promise<void> {
  const events = await client.events({ name }, shortened(options)).catch(() => undefined);
  if (!events) return;
  const last = [...events].sort(byTime).at(-1);
  if (!last) return run.log.line(`no Event tells of waitgroup "${name}": Kubernetes keeps them for an hour`);
  const { reason, message = '' } = last;
  run.log.line(`waitgroup "${name}" was there: ${reason}, ${formatAgo(timeOf(last), new Date())}: ${oneLine(message)}`);
}

/** Undefined when they cannot be read, which a line on stderr tells of. */
export async function readEvents(
  group: WaitGroup,
  { client }: Session,
  { options, run }: Reading,
): Promise<readonly RecordedEvent[] | undefined> {
  try {
    return await client.events(group.metadata, shortened(options));
  } catch (error) {
    if (error instanceof AbortedError) throw error;
    run.log.warn(`the Events cannot be shown: ${describeFailure(error, run).line}`);
    return undefined;
  }
}

function shortened({ timeoutMs = EVENTS_TIMEOUT_MS, startedAt = 0, ...options }: SessionCallOptions) {
  const usedMs = performance.now() - startedAt;
  return { ...options, startedAt, timeoutMs: Math.min(timeoutMs, usedMs + EVENTS_TIMEOUT_MS) };
}
