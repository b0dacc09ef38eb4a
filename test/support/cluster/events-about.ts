// The Events about one WaitGroup, as kubectl reads them.
import type { WaitGroup } from '@konductor/schema';
import { type KubectlAccess, kubectlJson } from '../processes/kubectl.ts';

export interface EventAbout {
  readonly type: string;
  readonly reason: string;
  readonly message: string;
}

/** Undefined while there is none. */
export async function eventsAbout(access: KubectlAccess, { metadata }: WaitGroup): Promise<EventAbout[] | undefined> {
  const selector = `--field-selector=involvedObject.uid=${metadata.uid}`;
  const list = ['get', 'events', '-n', metadata.namespace ?? 'default', selector];
  const { items } = await kubectlJson<{ items: EventAbout[] }>(access, list);
  return items.length > 0 ? items : undefined;
}
