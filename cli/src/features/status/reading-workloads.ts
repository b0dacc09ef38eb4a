// The requests of koncli waitgroup status for the Jobs and pods that count or wait by their labels.
import type { KubeObject } from '@konductor/client';
import type { WaitGroup } from '@konductor/schema';
import type { Session } from '../../session/session.ts';
import { readCountedJobs } from '../workers/jobs.ts';
import { listShortly } from '../workers/short-list.ts';
import type { Evidence } from './advice.ts';
import { type Held, heldObject, isReleasable, type Kind, selectorOf, type Workload } from './held.ts';

const RESOURCES = [
  ['Job', { apiVersion: 'batch/v1', resource: 'jobs' }, {}],
  // A pod with a gate has no node.
  ['Pod', { apiVersion: 'v1', resource: 'pods' }, { fieldSelector: 'spec.nodeName=,status.phase=Pending' }],
] as const;

/** What can be listed, and the kinds that cannot. */
export async function readWorkloads(
  { metadata }: WaitGroup,
  session: Session,
): Promise<Pick<Evidence, 'jobs' | 'held' | 'unlisted'>> {
  const unlisted = new Set<Kind>();
  const [jobs, held] = await Promise.all([
    readCountedJobs(session, metadata, () => unlisted.add('Job')),
    readHeld(metadata, session, (kind) => unlisted.add(kind)),
  ]);
  return { jobs, held, unlisted };
}

/** Those that can be listed, the oldest first; undefined if none can. */
export async function readHeld(
  { namespace, name }: WaitGroup['metadata'],
  session: Session,
  onError?: (kind: Kind) => void,
): Promise<Held | undefined> {
  const lists = await Promise.all(
    RESOURCES.map(async ([kind, resource, selector]) => {
      const labelled = { labelSelector: selectorOf(name), ...selector };
      const request = { ...resource, namespace, selector: labelled, onError: () => onError?.(kind) };
      const list = await listShortly<Workload>(session, request);
      return list && { ...list, items: list.items.flatMap((object) => heldObject(kind, object) ?? []) };
    }),
  );
  const known = lists.filter((list) => list !== undefined);
  if (known.length === 0) return undefined;
  const objects = known.flatMap(({ items }) => items).sort((one, other) => (one.createdAt <= other.createdAt ? -1 : 1));
  return { objects, isComplete: known.every(({ isComplete }) => isComplete) };
}

/** Asks whether an Event says that the operator may not let go the first object that it could. */
export async function explainHeld(
  group: WaitGroup,
  held: Held | undefined,
  session: Session,
): Promise<Held | undefined> {
  const first = held?.objects.find((object) => isReleasable(object, group));
  if (!held || !first) return held;
  const { namespace } = group.metadata;
  const selector = { fieldSelector: `reason=ReleaseForbidden,involvedObject.uid=${first.uid}` };
  const events = await listShortly<KubeObject>(session, { apiVersion: 'v1', resource: 'events', namespace, selector });
  return { ...held, isForbidden: (events?.items.length ?? 0) > 0 };
}
