// Finds the changes in the events of a watch: a list that is read again after a gap repeats known WaitGroups, and only lacks
// deleted ones.
import type { ListWatchEvent } from '@konductor/client';
import type { WaitGroup } from '@konductor/schema';

/** A change and the state after it; for a deletion, the last state. */
export interface GroupChange {
  readonly kind: 'changed' | 'deleted';
  readonly group: WaitGroup;
}

/** The WaitGroups as of the last event. */
export class KnownGroups {
  #groups = new Map<string, WaitGroup>();

  /** Returns deletions first: a name may have been used again. */
  observe(event: ListWatchEvent<WaitGroup>): readonly GroupChange[] {
    if (event.type === 'LISTED') return this.#replace(event.items);
    const { object } = event;
    if (event.type === 'DELETED') {
      this.#groups.delete(keyOf(object));
      return [{ kind: 'deleted', group: object }];
    }
    this.#groups.set(keyOf(object), object);
    return [{ kind: 'changed', group: object }];
  }

  #replace(items: readonly WaitGroup[]): readonly GroupChange[] {
    const before = this.#groups;
    this.#groups = new Map(items.map((group) => [keyOf(group), group]));
    const deleted = [...before].filter(([key, group]) => this.#groups.get(key)?.metadata.uid !== group.metadata.uid);
    const changed = items.filter((group) => !isSame(group, before.get(keyOf(group))));
    return [
      ...deleted.map(([, group]) => ({ kind: 'deleted' as const, group })),
      ...changed.map((group) => ({ kind: 'changed' as const, group })),
    ];
  }
}

function isSame({ metadata }: WaitGroup, other: WaitGroup | undefined): boolean {
  return metadata.uid === other?.metadata.uid && metadata.resourceVersion === other?.metadata.resourceVersion;
}

function keyOf({ metadata: { namespace, name } }: WaitGroup): string {
  return `${namespace}/${name}`;
}
