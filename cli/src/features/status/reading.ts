// The requests of koncli waitgroup status. It imports the client, so status imports it when it runs.
import {
  AbortedError,
  type KubeObject,
  type RecordedEvent,
  resourcePath,
  WaitGroupNotFoundError,
} from '@konductor/client';
import type { WaitGroup } from '@konductor/schema';
import type { Run } from '../../arguments/invocation.ts';
import { NothingFoundError } from '../../errors.ts';
import { describeFailure } from '../../failure/failure.ts';
import { formatAgo } from '../../output/age.ts';
import { commandOn } from '../../output/command-line.ts';
import { byTime, timeOf } from '../../output/event-table.ts';
import type { Session, SessionCallOptions } from '../../session/session.ts';
import type { LivePods } from './workers.ts';

/** The options of the requests. */
export interface ReadOptions {
  /** Includes the start time, so that all share the time limit. */
  readonly options: SessionCallOptions;
  readonly run: Run;
}

interface PodList {
  readonly metadata: { readonly continue?: string };
  readonly items: readonly KubeObject[];
}

/** Events and pods only explain: they are worth only a short wait. */
const EVENTS_TIMEOUT_MS = 10_000;
const PODS_TIMEOUT_MS = 5_000;
const MAX_PODS = 500;

/** Reads the WaitGroup; if it does not exist, logs its last Event before throwing the error. */
export async function readGroup(name: string, session: Session, { options, run }: ReadOptions): Promise<WaitGroup> {
  try {
    return await session.client.get(name, options);
  } catch (error) {
    if (!(error instanceof WaitGroupNotFoundError)) throw error;
    await logLastEvent(name, session, { options, run });
    if (error.absence !== 'missing') throw error;
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

/** Undefined when they cannot be listed, or not with one request. */
export async function readLivePods(
  { transport, callOptions }: Session,
  namespace?: string,
): Promise<LivePods | undefined> {
  const path = resourcePath({ apiVersion: 'v1', resource: 'pods', namespace });
  const query = { fieldSelector: 'status.phase!=Succeeded,status.phase!=Failed', limit: MAX_PODS };
  try {
    const { signal, timeoutMs = PODS_TIMEOUT_MS } = callOptions;
    const limits = { signal, timeoutMs: Math.min(timeoutMs, PODS_TIMEOUT_MS) };
    const { items, metadata } = await transport.request<PodList>({ method: 'GET', path, query, ...limits });
    if (metadata.continue) return undefined;
    return new Set(items.map(({ metadata: { namespace: of, name } }) => `${of}/${name}`));
  } catch (error) {
    if (error instanceof AbortedError) throw error;
    return undefined;
  }
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

function shortened({ timeoutMs = EVENTS_TIMEOUT_MS, startedAt = 0, ...options }: SessionCallOptions) {
  const usedMs = performance.now() - startedAt;
  return { ...options, startedAt, timeoutMs: Math.min(timeoutMs, usedMs + EVENTS_TIMEOUT_MS) };
}
