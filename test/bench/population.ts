// Many WaitGroups of one namespace, as a watcher observes them: created, given a history, completed and deleted.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type KubeObject, KubeTransport, listAndWatch, WaitGroupApi, waitGroupsPath } from '@konductor/client';
import { applyOperation, type WaitGroup } from '@konductor/schema';
import { eventually } from '../support/waiting/eventually.ts';
import { inParallel } from '../support/waiting/in-parallel.ts';

/** So many records a status holds at most: a group that has been in use for a while. */
const HISTORY = 16;

type Watched = WaitGroup & KubeObject;

export class Population {
  readonly namespace: string;
  /** The requests sent so far that change a WaitGroup, rejected ones included. */
  writes = 0;
  /** The time from the event that shows a WaitGroup done to the one that shows it completed by the operator. */
  readonly completionMs: number[] = [];
  /** What our own writes took that completed a group: about what one of the operator's takes. */
  readonly writeMs: number[] = [];
  readonly #api: WaitGroupApi;
  readonly #groups = new Map<string, Watched>();
  readonly #doneAt = new Map<string, number>();
  readonly #stopping = new AbortController();
  readonly #watching: Promise<void>;

  private constructor(transport: KubeTransport, namespace: string) {
    this.namespace = namespace;
    this.#api = new WaitGroupApi(transport, 'konductor-bench');
    this.#watching = this.#watch(transport);
  }

  static async open(kubeconfig: string, namespace: string): Promise<Population> {
    const transport = new KubeTransport(await connect({ kubeconfig, env: {} }), { userAgent: 'konductor-bench' });
    return new Population(transport, namespace);
  }

  get size(): number {
    return this.#groups.size;
  }

  async close(): Promise<void> {
    this.#stopping.abort();
    await this.#watching;
  }

  /** Makes groups with one to be done until there are so many, and awaits that the operator has greeted each. */
  async growTo(size: number, ttl: string): Promise<void> {
    const names = Array.from({ length: size - this.size }, (_, index) => `group-${this.size + index}`);
    await inParallel(names, (name) => this.#api.create(this.namespace, { name, spec: { initialCount: 1, ttl } }));
    const isGreeted = () => this.size === size && this.#all(({ status }) => status?.observedGeneration !== undefined);
    await eventually(`${size} groups with a status`, isGreeted, { timeoutMs: 180_000 });
    await inParallel(names, (name) => this.#giveHistory(name));
  }

  /** Completes the first so many groups, so many each second; resolves when the operator has observed that. */
  async complete(count: number, perSecond: number): Promise<void> {
    const writes: Promise<unknown>[] = [];
    const startedAt = performance.now();
    for (let index = 0; index < count; index++) {
      await sleep(Math.max(startedAt + (index * 1000) / perSecond - performance.now(), 0));
      writes.push(this.#complete(`group-${index}`));
    }
    await Promise.all(writes);
    const areSeen = () => this.completionMs.length === count;
    await eventually(`${count} completions`, areSeen, { timeoutMs: 60_000 });
  }

  /** Resolves when no more than so many groups are left. */
  async shrinksTo(size: number): Promise<void> {
    await eventually(`the collection of all but ${size}`, () => this.size <= size, { timeoutMs: 60_000 });
  }

  async #complete(name: string): Promise<void> {
    const startedAt = performance.now();
    await this.#count(name, [-1]);
    this.writeMs.push(performance.now() - startedAt);
  }

  #giveHistory(name: string): Promise<unknown> {
    const deltas = Array.from({ length: HISTORY }, (_, index) => (index % 2 === 0 ? 1 : -1));
    return this.#count(name, deltas);
  }

  /** Counts in one write, with a record for each. */
  #count(name: string, deltas: readonly number[]): Promise<unknown> {
    const group = this.#groups.get(name);
    if (!group) throw new Error(`there is no ${name}`);
    let { status } = group;
    for (const delta of deltas) {
      const operation = { id: randomUUID(), by: 'konductor-bench', deltas: [delta] };
      ({ status } = applyOperation({ ...group, status }, operation, new Date()));
    }
    if (!status) throw new Error(`the rule rejects a change of ${name}`);
    this.writes++;
    return this.#api.updateStatus(group, status);
  }

  #all(predicate: (group: WaitGroup) => boolean): boolean {
    return [...this.#groups.values()].every(predicate);
  }

  async #watch(transport: KubeTransport): Promise<void> {
    const options = { path: waitGroupsPath(this.namespace), signal: this.#stopping.signal };
    for await (const event of listAndWatch<Watched>(transport, options)) {
      if (event.type === 'LISTED') for (const group of event.items) this.#groups.set(group.metadata.name, group);
      else if (event.type === 'DELETED') this.#groups.delete(event.object.metadata.name);
      else this.#see(event.object);
    }
  }

  #see(group: Watched): void {
    const { name } = group.metadata;
    this.#groups.set(name, group);
    const { phase, completedAt } = group.status ?? {};
    if (phase === 'Done' && completedAt === undefined) this.#doneAt.set(name, performance.now());
    const doneAt = this.#doneAt.get(name);
    if (completedAt === undefined || doneAt === undefined) return;
    this.completionMs.push(performance.now() - doneAt);
    this.#doneAt.delete(name);
  }
}
