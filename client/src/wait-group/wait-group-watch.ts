// Lists and watches WaitGroups: the events of list-watch.ts, validated.
import type { WaitGroup } from '@konductor/schema';
import { type ListWatchEvent, type ListWatchOptions, listAndWatch } from '../kubernetes/list-watch.ts';
import type { KubeTransport } from '../transport/transport.ts';
import { type OnUnreadable, parseReadable } from './parse-readable.ts';
import { waitGroupsPath } from './wait-group-api.ts';

export interface WaitGroupEventsOptions extends Omit<ListWatchOptions, 'path' | 'query'> {
  /** Absent: all namespaces. */
  readonly namespace: string | undefined;
  /** One group, which RBAC with resourceNames allows; absent: all. */
  readonly name?: string | undefined;
  readonly labelSelector?: string | undefined;
  /** Called with each group that is skipped because it cannot be read; absent: such a group ends the watch. */
  readonly onUnreadable?: OnUnreadable | undefined;
}

export async function* waitGroupEvents(
  transport: KubeTransport,
  { namespace, name, labelSelector, onUnreadable, ...options }: WaitGroupEventsOptions,
): AsyncGenerator<ListWatchEvent<WaitGroup>> {
  const query = { labelSelector, fieldSelector: name === undefined ? undefined : `metadata.name=${name}` };
  const events = listAndWatch<WaitGroup>(transport, { ...options, path: waitGroupsPath(namespace), query });
  for await (const event of events)
    if (event.type === 'LISTED') yield { ...event, items: parseReadable(event.items, onUnreadable) };
    else for (const object of parseReadable([event.object], onUnreadable)) yield { ...event, object };
}
