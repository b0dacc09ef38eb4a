// Carries out what was decided about each held object, once: its patch, its Events, and what became of them.
import { ForbiddenError, InvalidError, type KubeTransport, waitGroupsPath } from '@konductor/client';
import type { EventRecorder, EventToRecord } from '../controller/event-recorder.ts';
import type { Logger } from '../framework/logger.ts';
import type { Requeue } from '../framework/work-queue.ts';
import { readIfExists } from '../workers/live-reads.ts';
import type { HeldObject } from './held-object.ts';
import { INSTALL, released, releaseForbidden } from './hold-events.ts';
import type { HoldVerdict } from './hold-rule.ts';
import { letGo } from './let-go.ts';

export interface ReleasesOptions {
  readonly transport: KubeTransport;
  readonly logger: Logger;
  readonly events: EventRecorder;
  /** Called for each object that was let go. */
  readonly onReleased: (kind: HeldObject['kind']) => void;
  /** How soon permission is looked for again. */
  readonly forbiddenMs: number;
}

export type LetGo = Extract<HoldVerdict, { readonly kind: 'letGo' }>;

interface Memory {
  due?: LetGo;
  isReleased?: boolean;
  isRejected?: boolean;
  readonly reported: Set<string>;
}

/** How soon to judge again by a WaitGroup that exists and is not in the cache yet. */
const UNCACHED_MS = 1_000;

export class Releases {
  readonly #options: ReleasesOptions;
  readonly #memories = new Map<string, Memory>();
  /** When a patch was last sent that is forbidden, by kind and namespace. */
  readonly #forbiddenAt = new Map<string, number>();

  constructor(options: ReleasesOptions) {
    this.#options = options;
  }

  /** A change of its WaitGroup lets the object go: no later one takes that back. */
  setDue(key: string, verdict: LetGo): void {
    this.#memoryOf(key).due ??= verdict;
  }

  dueOf(key: string): LetGo | undefined {
    return this.#memories.get(key)?.due;
  }

  isReleased(key: string): boolean {
    return this.#memories.get(key)?.isReleased ?? false;
  }

  /** Whether the API server has rejected the last attempt for a reason that no retry removes. */
  isRejected(key: string): boolean {
    return this.#memories.get(key)?.isRejected ?? false;
  }

  forget(key: string): void {
    this.#memories.delete(key);
  }

  /** Publishes an Event on the object, unless this process has. */
  report(key: string, object: HeldObject, event: EventToRecord): void {
    const { reported } = this.#memoryOf(key);
    const id = `${event.reason} ${event.dedupeKey}`;
    if (reported.has(id)) return;
    reported.add(id);
    this.#options.events.record(object, event);
  }

  /** Rejects when the attempt is to be repeated. */
  async letGo(key: string, object: HeldObject, { cause, message }: LetGo): Promise<Requeue> {
    const { transport, logger, onReleased } = this.#options;
    const pauseMs = this.#pauseMs(key, object);
    if (pauseMs > 0) return { requeueAfterMs: pauseMs };
    if (cause === 'Missing' && (await this.#hasAppeared(object))) return { requeueAfterMs: UNCACHED_MS };
    try {
      if (!(await letGo(transport, object, transport.clock.now()))) return {};
    } catch (error) {
      return this.#onRejected(key, object, error);
    }
    const { kind, metadata, after } = object;
    this.#memoryOf(key).isReleased = true;
    this.#forbiddenAt.delete(placeOf(object));
    this.report(key, object, released(message));
    logger.info({ kind, namespace: metadata.namespace, name: metadata.name, waitGroup: after, cause }, 'released');
    onReleased(kind);
    return {};
  }

  /** Of the objects of one namespace and kind that were forbidden, one is tried again in each period, for all of them. */
  #pauseMs(key: string, object: HeldObject): number {
    const forbiddenAt = this.#forbiddenAt.get(placeOf(object));
    if (forbiddenAt === undefined || !this.isRejected(key)) return 0;
    const pauseMs = this.#options.forbiddenMs - (performance.now() - forbiddenAt);
    if (pauseMs <= 0) this.#forbiddenAt.set(placeOf(object), performance.now());
    return pauseMs;
  }

  #onRejected(key: string, object: HeldObject, err: unknown): Requeue {
    this.#memoryOf(key).isRejected = err instanceof ForbiddenError || err instanceof InvalidError;
    if (!(err instanceof ForbiddenError)) throw err;
    const [place, { kind, metadata }] = [placeOf(object), object];
    const fields = { err, kind, namespace: metadata.namespace, hint: INSTALL };
    if (!this.#forbiddenAt.has(place)) this.#options.logger.warn(fields, 'releasing is forbidden');
    this.#forbiddenAt.set(place, performance.now());
    this.report(key, object, releaseForbidden(object));
    return { requeueAfterMs: this.#options.forbiddenMs };
  }

  /** A live read: the cache may be behind. */
  async #hasAppeared({ metadata, after }: HeldObject): Promise<boolean> {
    const path = waitGroupsPath(metadata.namespace, after);
    return (await readIfExists(this.#options.transport, path)) !== undefined;
  }

  #memoryOf(key: string): Memory {
    const memory = this.#memories.get(key) ?? { reported: new Set() };
    this.#memories.set(key, memory);
    return memory;
  }
}

function placeOf({ kind, metadata }: HeldObject): string {
  return `${kind} ${metadata.namespace}`;
}
