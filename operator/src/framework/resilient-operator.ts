// @dot-i/k8s-operator's Operator with its weak parts replaced: watches that survive every error, a cache that misses no
// deletion, handlers that are retried, a graceful shutdown. docs/decisions/0026-what-the-framework-layer-replaces.md lists
// the defects. The base's writes swallow rejections: write through the client instead.
import {
  ConflictError,
  ForbiddenError,
  type KubeTransport,
  ResourceNotServedError,
  resourcePath,
  type Transform,
} from '@konductor/client';
import { Operator, type ResourceEvent } from './dot-i.ts';
import type { Logger } from './logger.ts';
import type { ReflectorObserver } from './reflector.ts';
import { type ResourceHandler, ResourceWatch } from './resource-watch.ts';
import type { WorkQueueObserver } from './work-queue.ts';

export interface ResilientOperatorOptions {
  readonly transport: KubeTransport;
  readonly logger: Logger;
  /** How many objects of one resource are handled at once; a single object is never handled twice at once. */
  readonly concurrency?: number;
  readonly observer?: WorkQueueObserver & ReflectorObserver;
  /** Reduces each object to what the cache keeps and the handler gets; absent: the whole object. */
  readonly transform?: Transform;
  /** While false, as on standby, the caches are filled and nothing is handled; call resync() when it becomes true. Absent: always true. */
  readonly isActive?: (() => boolean) | undefined;
  /** Called when hasSynced becomes true. */
  readonly onSynced?: (() => void) | undefined;
}

/** Handlers mostly wait: on two busy cores a thousand requests took 4.0 s by 4 at once, 2.6 s by 16, 3.4 s by 32. */
const CONCURRENCY = 16;

export abstract class ResilientOperator extends Operator {
  declare protected readonly logger: Logger;
  readonly #options: ResilientOperatorOptions;
  readonly #stopping = new AbortController();
  readonly #watches = new Map<string, ResourceWatch>();
  readonly #runs: Promise<void>[] = [];

  constructor(options: ResilientOperatorOptions) {
    super(options.logger);
    this.#options = options;
  }

  /** Whether every watched resource has been listed completely once. */
  get hasSynced(): boolean {
    const watches = [...this.#watches.values()];
    return watches.length > 0 && watches.every((watch) => watch.hasSynced);
  }

  get queueDepth(): number {
    return this.#sum(({ queue }) => queue.depth);
  }

  get activeWorkers(): number {
    return this.#sum(({ queue }) => queue.activeWorkers);
  }

  get concurrency(): number {
    return this.#options.concurrency ?? CONCURRENCY;
  }

  /** Hands every cached object to its handler: for the moment when `isActive` becomes true. */
  resync(): void {
    for (const watch of this.#watches.values()) watch.resync();
  }

  /** Ends the watches first, then lets the handlers finish every object that is queued. */
  override async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#runs);
    await Promise.all([...this.#watches.values()].map(({ queue }) => queue.stop()));
  }

  /** Keeps watching until stop(), and hands every object that is new, changed or gone to the handler. Returns at once. */
  protected override async watchResource(
    group: string,
    version: string,
    plural: string,
    handler: ResourceHandler,
    namespace?: string,
  ): Promise<void> {
    const apiVersion = group ? `${group}/${version}` : version;
    const id = `${plural}.${apiVersion}`;
    if (this.#watches.has(id)) throw new Error(`${id} is already watched`);
    const { transport, transform, isActive = () => true } = this.#options;
    const watch = new ResourceWatch({
      ...{ transport, transform, isActive, plural, handler, concurrency: this.concurrency },
      path: resourcePath({ apiVersion, resource: plural, namespace }),
      signal: this.#stopping.signal,
      onSynced: () => this.#onSynced(id),
      onWatchError: (err, delayMs) => this.#logWatchError(id, err, delayMs),
      observer: this.#observer(id),
    });
    this.#watches.set(id, watch);
    this.#runs.push(watch.run());
    this.logger.info({ resource: id, namespace }, 'watching resource');
  }

  /** The cached objects of a resource, by the framework's id `plural.group/version`. */
  protected cached(id: string): Iterable<ResourceEvent['object']> {
    return this.#watches.get(id)?.objects() ?? [];
  }

  #observer(id: string): WorkQueueObserver & ReflectorObserver {
    const { observer = {} } = this.#options;
    return {
      onList: () => observer.onList?.(),
      onWatch: () => observer.onWatch?.(),
      onAdd: () => observer.onAdd?.(),
      onStart: (queuedSeconds, key) => observer.onStart?.(queuedSeconds, key),
      onSuccess: (result) => observer.onSuccess?.(result),
      onDone: (workSeconds, key) => observer.onDone?.(workSeconds, key),
      onRetry: (key, err, delayMs) => {
        // A conflict is normal: another writer was faster.
        const level = err instanceof ConflictError ? 'debug' : 'warn';
        const fields = { err, resource: id, object: key, delayMs, hint: hintFor(err) };
        this.logger[level](fields, 'reconcile failed, retrying');
        observer.onRetry?.(key, err, delayMs);
      },
    };
  }

  #onSynced(resource: string): void {
    this.logger.info({ resource }, 'cache synced');
    if (this.hasSynced) this.#options.onSynced?.();
  }

  #logWatchError(resource: string, err: Error, delayMs: number): void {
    this.logger.warn({ err, resource, delayMs, hint: hintFor(err) }, 'watch failed, retrying');
  }

  #sum(of: (watch: ResourceWatch) => number): number {
    return [...this.#watches.values()].reduce((sum, watch) => sum + of(watch), 0);
  }
}

function hintFor(error: unknown): string | undefined {
  if (error instanceof ResourceNotServedError) return 'the CRD is not installed: apply cdk8s/manifests/crd.yaml';
  if (error instanceof ForbiddenError)
    return 'grant the ServiceAccount the permission that the error names: apply cdk8s/manifests/install.yaml';
  return undefined;
}
