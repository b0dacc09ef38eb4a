// What is new in the events of a watch: a list that is read again after a gap tells of what is known, and of deletions
// only by what it lacks.
import type { ListWatchEvent } from '@konductor/client';
import type { WaitGroup } from '@konductor/schema';

/** What happened to a group; of one that is gone, its last state. */
export interface GroupChange {
  readonly kind: 'changed' | 'deleted';
  readonly group: WaitGroup;
}

/** The groups as the events so far tell of them. */
export class KnownGroups {
  #groups = new Map<string, WaitGroup>();

  /** Deletions come first: a name may have been used again. */
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
    const gone = [...before].filter(([key, group]) => this.#groups.get(key)?.metadata.uid !== group.metadata.uid);
    const news = items.filter((group) => !isSame(group, before.get(keyOf(group))));
    return [
      ...gone.map(([, group]) => ({ kind: 'deleted' as const, group })),
      ...news.map((group) => ({ kind: 'changed' as const, group })),
    ];
  }
}

function isSame({ metadata }: WaitGroup, other: WaitGroup | undefined): boolean {
  return metadata.uid === other?.metadata.uid && metadata.resourceVersion === other?.metadata.resourceVersion;
}

function keyOf({ metadata: { namespace, name } }: WaitGroup): string {
  return `${namespace}/${name}`;
}
