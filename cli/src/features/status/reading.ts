// The requests of koncli waitgroup status. It imports the client, so status imports it when it runs.
import { AbortedError, type RecordedEvent, WaitGroupNotFoundError } from '@konductor/client';
import type { WaitGroup } from '@konductor/schema';
import type { Run } from '../../arguments/invocation.ts';
import { NothingFoundError } from '../../errors.ts';
import { describeFailure } from '../../failure/failure.ts';
import { formatAgo } from '../../output/age.ts';
import { commandOn } from '../../output/command-line.ts';
import { byTime, timeOf } from '../../output/event-table.ts';
import { counterOf } from '../../output/output.ts';
import type { Session, SessionCallOptions } from '../../session/session.ts';
import { type Outstanding, type OutstandingOptions, readOutstanding } from '../workers/outstanding.ts';
import { readLabelledPods, readLivePods } from '../workers/pods.ts';
import type { Evidence } from './advice.ts';
import { countHeld } from './held.ts';
import { explainHeld, readHeld, readWorkloads } from './reading-workloads.ts';
import type { KnownPods } from './workers.ts';

/** The options of the requests. */
export interface ReadOptions {
  /** Includes the start time, so that all share the time limit. */
  readonly options: SessionCallOptions;
  readonly run: Run;
}

/** Events only explain: they are worth only a short wait. */
const EVENTS_TIMEOUT_MS = 10_000;

/** Reads the WaitGroup; if it does not exist, logs its last Event before throwing the error. */
export async function readGroup(name: string, session: Session, { options, run }: ReadOptions): Promise<WaitGroup> {
  try {
    return await session.client.get(name, options);
  } catch (error) {
    if (!(error instanceof WaitGroupNotFoundError)) throw error;
    await logLastEvent(name, session, { options, run });
    if (error.absence !== 'missing') throw error;
    await logHeld(name, session, run);
    // Not the usual advice, which is to run status.
    const advice = `if the namespace is right, create it with ${commandOn('koncli waitgroup create', error.group)}`;
    throw new NothingFoundError(`${error.message}: ${advice}`, { cause: error });
  }
}

async function logLastEvent(name: string, { client }: Session, { options, run }: ReadOptions): Promise<void> {
  const events = await client.events({ name }, shortened(options)).catch(() => undefined);
  if (!events) return;
  const last = [...events].sort(byTime).at(-1);
  if (!last) return run.log.line(`no Events for waitgroup "${name}": Kubernetes keeps Events for one hour`);
  const { reason, message = '' } = last;
  run.log.line(`last Event of waitgroup "${name}": ${reason}, ${formatAgo(timeOf(last), new Date())}: ${message}`);
}

async function logHeld(name: string, session: Session, { log }: Run): Promise<void> {
  const held = await readHeld({ namespace: session.client.namespace, name }, session);
  if (held?.objects.length)
    log.line(`held until waitgroup "${name}" exists: ${countHeld(held.objects, held.isComplete)}`);
}

/** Warns and returns undefined when they cannot be read. */
export async function readEvents(
  group: WaitGroup,
  { client }: Session,
  { options, run }: ReadOptions,
): Promise<readonly RecordedEvent[] | undefined> {
  try {
    return await client.events(group.metadata, shortened(options));
  } catch (error) {
    if (error instanceof AbortedError) throw error;
    run.log.warn(`cannot read Events: ${describeFailure(error, run).line}`);
    return undefined;
  }
}

/** What explains outstanding work, and what waits: workers, Jobs and pods. */
export async function readWork(
  group: WaitGroup,
  session: Session,
  { run }: Pick<ReadOptions, 'run'>,
): Promise<Pick<Evidence, 'pods' | 'outstanding' | 'jobs' | 'held' | 'unlisted'>> {
  const [pods, { jobs, held, unlisted }] = await Promise.all([readPods(group, session), readWorkloads(group, session)]);
  const [outstanding, explained] = await Promise.all([
    readWorkers(group, session, { run, live: pods.live, jobs }),
    explainHeld(group, held, session),
  ]);
  return { pods, outstanding, jobs, held: explained, unlisted };
}

/** Without outstanding work, they explain nothing. */
async function readPods(group: WaitGroup, session: Session): Promise<KnownPods> {
  if (counterOf(group) === 0) return {};
  const { namespace, name } = group.metadata;
  const [live, labelled] = await Promise.all([
    readLivePods(session, namespace),
    readLabelledPods(session, { namespace, name }),
  ]);
  return { live, labelled };
}

/** Warns if there are workers that cannot be listed. */
async function readWorkers(
  group: WaitGroup,
  session: Session,
  { run, ...known }: Pick<ReadOptions, 'run'> & OutstandingOptions,
): Promise<Outstanding | undefined> {
  try {
    return await readOutstanding(group, session, known);
  } catch (error) {
    if (error instanceof AbortedError) throw error;
    if (group.status?.workers) run.log.warn(`cannot list the workers: ${describeFailure(error, run).line}`);
    return undefined;
  }
}

function shortened({ timeoutMs = EVENTS_TIMEOUT_MS, startedAt = 0, ...options }: SessionCallOptions) {
  const usedMs = performance.now() - startedAt;
  return { ...options, startedAt, timeoutMs: Math.min(timeoutMs, usedMs + EVENTS_TIMEOUT_MS) };
}
