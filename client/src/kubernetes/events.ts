// Kubernetes Events about WaitGroups, and what else a program speaks of: what is said to the people who look at it.
import { toSeconds, type WaitGroup, waitGroupNames } from '@konductor/schema';
import type { KubeTransport } from '../transport/transport.ts';
import type { KubeObject } from './kube-object.ts';
import { listAll } from './list.ts';
import { resourcePath } from './resource-path.ts';

/** What an Event says. */
export interface EventDescription {
  readonly type: 'Normal' | 'Warning';
  /** One CamelCase word for programs, constant for what happened. */
  readonly reason: string;
  readonly message: string;
}

/** Who says it. */
export interface EventSource {
  /** The program. */
  readonly component: string;
  /** Which of several: its pod or host. */
  readonly instance: string;
}

/** A new core/v1 Event. */
export interface NewEvent extends EventDescription {
  readonly apiVersion: 'v1';
  readonly kind: 'Event';
  readonly metadata: { readonly name: string; readonly namespace: string | undefined };
  readonly involvedObject: Readonly<Record<string, string | undefined>>;
  readonly source: { readonly component: string; readonly host: string };
  readonly reportingComponent: string;
  readonly reportingInstance: string;
  readonly firstTimestamp: string;
  readonly lastTimestamp: string;
  readonly count: number;
}

/** An Event as it is read: other programs leave fields out, and write the newer ones. */
export interface RecordedEvent {
  readonly metadata: { readonly name: string; readonly creationTimestamp?: string };
  readonly type?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly source?: { readonly component?: string };
  readonly reportingComponent?: string;
  readonly firstTimestamp?: string | null;
  readonly lastTimestamp?: string | null;
  readonly eventTime?: string | null;
  readonly count?: number;
  readonly series?: { readonly count?: number; readonly lastObservedTime?: string };
}

/** What an Event is about. */
export interface InvolvedObject extends KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
}

/** Its name tells it apart from others about the same group, so that sending it again publishes it once. */
export function newEvent(about: InvolvedObject, event: EventDescription, { component, instance }: EventSource) {
  const now = new Date();
  const { apiVersion, kind, metadata } = about;
  const { name, namespace, uid, resourceVersion } = metadata;
  // The time in the name is client-go's way.
  const unique = `${(now.getTime() * 1_000_000 + Math.floor(Math.random() * 1_000_000)).toString(16)}`;
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `${name}.${unique}`, namespace },
    involvedObject: { apiVersion, kind, name, namespace, uid, resourceVersion },
    ...event,
    source: { component, host: instance },
    reportingComponent: component,
    reportingInstance: instance,
    firstTimestamp: toSeconds(now),
    lastTimestamp: toSeconds(now),
    count: 1,
  } satisfies NewEvent;
}

/** One request; AlreadyExistsError when it was published before. */
export async function createEvent(transport: KubeTransport, body: NewEvent, signal?: AbortSignal): Promise<void> {
  const path = eventsPath(body.metadata.namespace);
  await transport.request({ method: 'POST', path, body, query: { fieldManager: body.source.component }, signal });
}

/** Whom Events are about: with a uid, this very group, and none of its name before it. */
export type EventSubject = Readonly<Pick<WaitGroup['metadata'], 'namespace' | 'name' | 'uid'>>;

export async function listEvents(
  transport: KubeTransport,
  { namespace, name, uid }: EventSubject,
  signal?: AbortSignal,
): Promise<readonly RecordedEvent[]> {
  const which = uid === undefined ? `involvedObject.name=${name}` : `involvedObject.uid=${uid}`;
  const { items } = await listAll<RecordedEvent>(transport, {
    path: eventsPath(namespace),
    query: { fieldSelector: `involvedObject.kind=${waitGroupNames.kind},${which}` },
    signal,
  });
  return items;
}

function eventsPath(namespace: string | undefined): string {
  return resourcePath({ apiVersion: 'v1', resource: 'events', namespace });
}
