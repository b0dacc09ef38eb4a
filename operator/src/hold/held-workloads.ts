// Lets Jobs and pods with the label konductor.io/after go when their WaitGroup is done. No state of the operator decides: the
// objects do, and the WaitGroup with its changes as they are observed. docs/decisions/0056-when-a-workload-is-let-go.md has the rules.
import { ConflictError, type KubeObject } from '@konductor/client';
import { parseWaitGroup, type WaitGroup } from '@konductor/schema';
import { EventRecorder } from '../controller/event-recorder.ts';
import type { LeaderPartOptions } from '../controller/leader-part.ts';
import { hintFor } from '../framework/resource-caches.ts';
import { type Requeue, WorkQueue } from '../framework/work-queue.ts';
import type { HeldObject } from './held-object.ts';
import { HeldObjects } from './held-objects.ts';
import { type GroupChange, type HoldVerdict, judgeHold, LEAVE } from './hold-rule.ts';
import { Releases } from './releases.ts';

export interface HeldWorkloadsOptions extends LeaderPartOptions {
  /** The cached WaitGroup of this name. */
  readonly waitGroupNamed: (namespace: string, name: string) => WaitGroup | undefined;
  /** Called for each object that was let go. */
  readonly onReleased: (kind: HeldObject['kind']) => void;
  /** How soon permission is looked for again; 5,000 unless given. */
  readonly forbiddenMs?: number;
}

/** Like that of the operator's own queue. */
const CONCURRENCY = 16;
const FORBIDDEN_MS = 5_000;

export class HeldWorkloads {
  readonly #options: HeldWorkloadsOptions;
  readonly #objects: HeldObjects;
  readonly #events: EventRecorder;
  readonly #releases: Releases;
  readonly #queue: WorkQueue;
  readonly #stopping = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(options: HeldWorkloadsOptions) {
    const { transport, logger, instance, onReleased, forbiddenMs = FORBIDDEN_MS } = options;
    this.#options = options;
    this.#events = new EventRecorder({ transport, logger, instance });
    this.#releases = new Releases({ transport, logger, events: this.#events, onReleased, forbiddenMs });
    const process = (key: string) => this.#check(key);
    this.#queue = new WorkQueue({ process, concurrency: CONCURRENCY, observer: { onRetry: this.#onRetry } });
    this.#objects = new HeldObjects({
      ...options,
      signal: this.#stopping.signal,
      onChange: (key, previous) => this.#onChange(key, previous),
      onWatch: () => this.#queue.retryFailed(),
    });
  }

  /** Watches until stop(), also on standby. */
  start(): void {
    this.#running = this.#objects.run();
  }

  /** For the moment when `isActive` becomes true. */
  begin(): void {
    for (const key of this.#objects.keys()) this.#queue.add(key);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
    await this.#queue.stop();
    await this.#events.flush();
  }

  /** To be called with every change of a WaitGroup, also on standby: a round that was done between two others is not missed. */
  onWaitGroup(current: KubeObject | undefined, previous: KubeObject | undefined): void {
    const { namespace = '', name = '' } = (current ?? previous)?.metadata ?? {};
    const keys = this.#objects.keysAfter(namespace, name);
    if (keys.length > 0) this.#onGroupChange(keys, { current: readable(current), previous: readable(previous) });
  }

  #onGroupChange(keys: readonly string[], change: GroupChange): void {
    for (const key of keys) {
      const verdict = this.#judge(key, change);
      // Whether there is no WaitGroup is confirmed by a live read, in its turn.
      if (verdict.kind === 'letGo' && verdict.cause !== 'Missing') this.#releases.setDue(key, verdict);
      if (verdict !== LEAVE) this.#queue.add(key);
    }
  }

  /** Whether objects are held that the WaitGroup lets go, unless the API server rejects that. */
  isReleasing(waitGroup: WaitGroup): boolean {
    if (!this.#objects.hasSettled) return true;
    const { namespace = '', name } = waitGroup.metadata;
    return this.#objects.keysAfter(namespace, name).some((key) => {
      if (this.#releases.isReleased(key) || this.#releases.isRejected(key)) return false;
      return this.#judge(key, { current: waitGroup }).kind === 'letGo';
    });
  }

  /** The number of objects of a kind that are held. */
  count(kind: HeldObject['kind']): number {
    return this.#objects.count(kind);
  }

  #onChange(key: string, previous: HeldObject | undefined): void {
    const object = this.#objects.get(key);
    if (object?.after !== previous?.after) this.#releases.forget(key);
    if (object) this.#queue.add(key);
    else this.#queue.forget(key);
  }

  #judge(key: string, change: GroupChange): HoldVerdict {
    const object = this.#objects.get(key);
    if (object === undefined) return LEAVE;
    const due = object.hold && this.#releases.dueOf(key);
    return due ?? judgeHold(object, change, this.#options.transport.clock.now());
  }

  async #check(key: string): Promise<Requeue> {
    const object = this.#objects.get(key);
    if (!object || this.#releases.isReleased(key) || !this.#options.isActive()) return {};
    const current = this.#options.waitGroupNamed(object.metadata.namespace ?? '', object.after);
    const verdict = this.#judge(key, { current });
    if (verdict.kind === 'letGo') return this.#releases.letGo(key, object, verdict);
    if (verdict.event) this.#releases.report(key, object, verdict.event);
    return verdict;
  }

  readonly #onRetry = (key: string, err: unknown, delayMs: number): void => {
    const level = err instanceof ConflictError ? 'debug' : 'warn';
    this.#options.logger[level]({ err, object: key, delayMs, hint: hintFor(err) }, 'releasing failed, retrying');
  };
}

/** Undefined also if it is no WaitGroup as this operator knows it, which reconciling reports. */
function readable(object: KubeObject | undefined): WaitGroup | undefined {
  try {
    return object && parseWaitGroup(object);
  } catch {
    return undefined;
  }
}
