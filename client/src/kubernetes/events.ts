// Core/v1 Events about WaitGroups and other objects: builds, creates and lists them.
import { toSeconds, type WaitGroup, waitGroupNames } from '@konductor/schema';
import type { KubeTransport } from '../transport/transport.ts';
import type { KubeObject } from './kube-object.ts';
import { listAll } from './list.ts';
import { resourcePath } from './resource-path.ts';

export interface EventDescription {
  readonly type: 'Normal' | 'Warning';
  /** A constant CamelCase word that programs can match. */
  readonly reason: string;
  readonly message: string;
}

/** The reporter of an Event. */
export interface EventSource {
  readonly component: string;
  /** The pod or host of the program. */
  readonly instance: string;
}

/** An Event to create. */
export type NewEvent = ReturnType<typeof newEvent>;

/** An Event as read from the API server: other programs omit fields, and write the newer ones. */
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

/** The object that an Event is about. */
export interface InvolvedObject extends KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
}

/** Builds an Event with a unique name, so that sending it twice publishes it once. */
export function newEvent(about: InvolvedObject, event: EventDescription, { component, instance }: EventSource) {
  const now = new Date();
  const { apiVersion, kind, metadata } = about;
  const { name, namespace, uid, resourceVersion } = metadata;
  // The name contains the time, as in client-go.
  const unique = (now.getTime() * 1_000_000 + Math.floor(Math.random() * 1_000_000)).toString(16);
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
  };
}

/** Sends one request; AlreadyExistsError if the Event has been published before. */
export async function createEvent(transport: KubeTransport, body: NewEvent, signal?: AbortSignal): Promise<void> {
  const path = eventsPath(body.metadata.namespace);
  await transport.request({ method: 'POST', path, body, query: { fieldManager: body.source.component }, signal });
}

/** The WaitGroup that Events are about; a uid excludes earlier WaitGroups with the same name. */
export type EventSubject = Readonly<Pick<WaitGroup['metadata'], 'namespace' | 'name' | 'uid'>>;

export async function listEvents(
  transport: KubeTransport,
  { namespace, name, uid }: EventSubject,
  signal?: AbortSignal,
): Promise<readonly RecordedEvent[]> {
  const selector = uid === undefined ? `involvedObject.name=${name}` : `involvedObject.uid=${uid}`;
  const { items } = await listAll<RecordedEvent>(transport, {
    path: eventsPath(namespace),
    query: { fieldSelector: `involvedObject.kind=${waitGroupNames.kind},${selector}` },
    signal,
  });
  return items;
}

function eventsPath(namespace: string | undefined): string {
  return resourcePath({ apiVersion: 'v1', resource: 'events', namespace });
}
