// The changes of WaitGroups as they happen, validated: what list-watch.ts yields, of this kind.
import { parseWaitGroup, type WaitGroup } from '@konductor/schema';
import { type ListWatchEvent, type ListWatchOptions, listAndWatch } from './list-watch.ts';
import type { KubeTransport } from './transport.ts';
import { waitGroupsPath } from './wait-group-api.ts';

export interface WaitGroupEventsOptions extends Omit<ListWatchOptions, 'path' | 'query'> {
  readonly namespace: string;
  /** One group, which RBAC with resourceNames allows; absent: all in the namespace. */
  readonly name?: string | undefined;
}

export async function* waitGroupEvents(
  transport: KubeTransport,
  { namespace, name, ...options }: WaitGroupEventsOptions,
): AsyncGenerator<ListWatchEvent<WaitGroup>> {
  const query = name === undefined ? {} : { fieldSelector: `metadata.name=${name}` };
  for await (const event of listAndWatch<WaitGroup>(transport, { ...options, path: waitGroupsPath(namespace), query }))
    yield event.type === 'LISTED'
      ? { ...event, items: event.items.map(parseWaitGroup) }
      : { ...event, object: parseWaitGroup(event.object) };
}
