// An index over keys: the keys that belong to each owner.

export class KeyIndex {
  readonly #keys = new Map<string, Set<string>>();

  keysOf(owner: string): Iterable<string> {
    return this.#keys.get(owner) ?? [];
  }

  /** Moves a key to another owner; undefined: it has none. */
  move(key: string, from: string | undefined, to: string | undefined): void {
    if (from === to) return;
    if (from !== undefined) this.#remove(key, from);
    if (to !== undefined) this.#add(key, to);
  }

  #add(key: string, owner: string): void {
    const keys = this.#keys.get(owner);
    if (keys) keys.add(key);
    else this.#keys.set(owner, new Set([key]));
  }

  #remove(key: string, owner: string): void {
    const keys = this.#keys.get(owner);
    keys?.delete(key);
    if (keys?.size === 0) this.#keys.delete(owner);
  }
}
