// The operator of WaitGroups: passes each WaitGroup that has changed, or whose TTL or deadline has expired, to reconcile, and
// carries out the decision.
import { type KubeObject, type ServerClock, WaitGroupApi } from '@konductor/client';
import {
  API_GROUP,
  API_GROUP_VERSION,
  API_VERSION,
  parseWaitGroup,
  type WaitGroup,
  waitGroupKind,
  workerNames,
} from '@konductor/schema';
import { type ResourceEvent, ResourceEventType } from '../framework/dot-i.ts';
import { objectKey } from '../framework/reflector.ts';
import { ResilientOperator, type ResilientOperatorOptions } from '../framework/resilient-operator.ts';
import type { Requeue } from '../framework/work-queue.ts';
import { FIELD_MANAGER } from '../version.ts';
import { type CachedWorker, type CountedWorker, reduceWorker } from '../workers/cached-worker.ts';
import { KeyIndex } from '../workers/key-index.ts';
import { LiveChecks } from '../workers/live-checks.ts';
import { WorkerCache } from '../workers/worker-cache.ts';
import { countOverruns, countStates, countUncounted } from '../workers/worker-counts.ts';
import { type FoldObserver, WorkerFolds } from '../workers/worker-folds.ts';
import { applyDecision } from './apply.ts';
import { withEssentialMetadata } from './cached-group.ts';
import type { DecisionEvent } from './decision-events.ts';
import { EventRecorder } from './event-recorder.ts';
import { oldestWaitingSeconds } from './oldest-waiting.ts';
import { type Decision, reconcile } from './reconcile.ts';
import { hasDeadlineStarted, hasTtlStarted, StartClock } from './start-clock.ts';

export interface WaitGroupOperatorOptions extends Omit<ResilientOperatorOptions, 'transform' | 'onChange'> {
  /** Absent: all namespaces. */
  readonly watchNamespace?: string | undefined;
  /** The reporting instance of Events: the pod or host. */
  readonly instance: string;
  /** Called with every record of a worker that is new, changed or gone (undefined). */
  readonly onWorker?: ((key: string, record: CountedWorker | undefined) => void) | undefined;
  /** Called with every state of a WaitGroup that the watch delivers, unparsed; `current` is undefined once it is gone. */
  readonly onWaitGroup?: ((current: KubeObject | undefined, previous: KubeObject | undefined) => void) | undefined;
  /** While true, an expired WaitGroup is not deleted: it lets go of workloads that are still held. Absent: always false. */
  readonly isReleasing?: ((waitGroup: WaitGroup) => boolean) | undefined;
  /** Called for the metrics of folds. */
  readonly foldObserver?: FoldObserver | undefined;
  /** Called for each change of state that this operator has written; `failure` is the reason of the failed round. */
  readonly onTransition?: ((reason: DecisionEvent['reason'], failure?: string) => void) | undefined;
}

/** How soon to look again whether an expired WaitGroup has let go of all workloads. */
const RELEASING_MS = 500;
const RESOURCE_ID = `${waitGroupKind.plural}.${API_GROUP}/${API_VERSION}`;

export class WaitGroupOperator extends ResilientOperator {
  readonly #watchNamespace: string | undefined;
  readonly #onWorker: WaitGroupOperatorOptions['onWorker'];
  readonly #onTransition: NonNullable<WaitGroupOperatorOptions['onTransition']>;
  readonly #api: WaitGroupApi;
  readonly #events: EventRecorder;
  readonly #clock: ServerClock;
  readonly #ttls = new StartClock(hasTtlStarted);
  readonly #deadlines = new StartClock(hasDeadlineStarted);
  readonly #foldObserver: FoldObserver | undefined;
  readonly #onWaitGroup: WaitGroupOperatorOptions['onWaitGroup'];
  readonly #isReleasing: NonNullable<WaitGroupOperatorOptions['isReleasing']>;
  /** `namespace/name` of each cached WaitGroup. */
  readonly #byName = new KeyIndex();
  #workers: WorkerCache | undefined;
  #folds: WorkerFolds | undefined;

  constructor(options: WaitGroupOperatorOptions) {
    super({ ...options, transform: withEssentialMetadata, onChange: (...states) => this.#onChange(...states) });
    const { transport, logger, instance, watchNamespace, onTransition = () => {} } = options;
    this.#clock = transport.clock;
    this.#watchNamespace = watchNamespace;
    this.#onTransition = onTransition;
    this.#onWorker = options.onWorker;
    this.#onWaitGroup = options.onWaitGroup;
    this.#isReleasing = options.isReleasing ?? (() => false);
    this.#foldObserver = options.foldObserver;
    this.#api = new WaitGroupApi(transport, FIELD_MANAGER);
    this.#events = new EventRecorder({ transport, logger, instance });
  }

  /** The cached WaitGroup, by the key that its records name. */
  waitGroup(key: string): WaitGroup | undefined {
    const object = this.cachedObject(RESOURCE_ID, key);
    return object && parseWaitGroup(object);
  }

  /** The cached WaitGroup of this name, if there is one. */
  waitGroupNamed(namespace: string, name: string): WaitGroup | undefined {
    const [key] = this.#byName.keysOf(namePath({ metadata: { namespace, name } }));
    return key === undefined ? undefined : this.waitGroup(key);
  }

  /** The number of cached WaitGroups in each phase; those that have no status yet are not counted. */
  phases(): Record<string, number> {
    const phases: Record<string, number> = { Waiting: 0, Done: 0 };
    for (const object of this.cached(RESOURCE_ID)) {
      const phase = (object as { status?: { phase?: string } }).status?.phase;
      if (phase !== undefined) phases[phase] = (phases[phase] ?? 0) + 1;
    }
    return phases;
  }

  /** How long the oldest cached WaitGroup has waited; 0 if none waits. */
  oldestWaitingSeconds(): number {
    return oldestWaitingSeconds(this.cached(RESOURCE_ID), this.#clock.now());
  }

  workerStates(): Record<string, number> {
    return countStates(this.#workers?.records() ?? []);
  }

  uncountedWorkers(): number {
    return this.#workers ? countUncounted(this.cached(RESOURCE_ID), this.#workers) : 0;
  }

  overruns(): number {
    return countOverruns(this.cached(RESOURCE_ID));
  }

  override resync(): void {
    // Another leader may have started a TTL or a deadline meanwhile: its time counts.
    for (const clock of [this.#ttls, this.#deadlines]) clock.forgetAll();
    super.resync();
  }

  override async stop(): Promise<void> {
    await super.stop();
    await this.#events.flush();
  }

  protected override async init(): Promise<void> {
    const handler = (event: ResourceEvent) => this.#reconcile(event);
    await this.watchResource(API_GROUP, API_VERSION, waitGroupKind.plural, handler, this.#watchNamespace);
    const cache = this.#watchWorkers();
    this.#workers = cache;
    const live = new LiveChecks(this.#api.transport);
    this.#folds = new WorkerFolds({ cache, live, logger: this.logger, observer: this.#foldObserver });
  }

  #onChange(current: KubeObject | undefined, previous: KubeObject | undefined): void {
    const object = current ?? previous;
    if (object) this.#byName.move(objectKey(object), previous && namePath(previous), current && namePath(current));
    this.#onWaitGroup?.(current, previous);
  }

  #watchWorkers(): WorkerCache {
    const resource = { apiVersion: API_GROUP_VERSION, resource: workerNames.plural, namespace: this.#watchNamespace };
    return new WorkerCache({
      watch: (onChange) => this.watchRelated<CachedWorker>({ ...resource, transform: reduceWorker, onChange }),
      onRecord: this.#onWorker,
      onGroupChange: (key) => this.wake(RESOURCE_ID, key),
      onUnreadable: (object) =>
        this.logger.warn({ object, hint: 'apply cdk8s/manifests/crd.yaml' }, 'WaitGroupWorker is invalid, ignored'),
    });
  }

  async #reconcile({ type, object }: ResourceEvent): Promise<Requeue> {
    if (type === ResourceEventType.Deleted) {
      for (const memory of [this.#ttls, this.#deadlines, this.#folds]) memory?.forget(object.metadata?.uid ?? '');
      return {};
    }
    const waitGroup = parseWaitGroup(object);
    const [ttlElapsedMs, deadlineElapsedMs] = [this.#ttls.observe(waitGroup), this.#deadlines.observe(waitGroup)];
    const fold = (await this.#folds?.fold(waitGroup, this.#clock.now())) ?? { kind: 'unchanged' };
    if (fold.kind === 'wait') return fold;
    const now = { time: this.#clock.now(), ttlElapsedMs, deadlineElapsedMs };
    const decision = reconcile(waitGroup, now, fold.kind === 'folded' ? fold.status : undefined);
    const { namespace, name, uid, resourceVersion } = waitGroup.metadata;
    const fields = { namespace, name, uid, resourceVersion };
    this.logger.debug({ ...fields, decision: decision.kind, fold: fold.kind }, 'reconciled');
    if (decision.kind === 'delete' && this.#isReleasing(waitGroup)) return { requeueAfterMs: RELEASING_MS };
    const isWritten = await this.#apply(waitGroup, decision);
    if (isWritten && fold.kind === 'folded') this.#folds?.onWritten(waitGroup);
    return decision.kind === 'none' ? this.#requeue(waitGroup, decision) : {};
  }

  #requeue(waitGroup: WaitGroup, decision: Requeue): Requeue {
    const delays = [decision.requeueAfterMs, this.#folds?.requeueAfterMs(waitGroup)].filter((ms) => ms !== undefined);
    return delays.length > 0 ? { requeueAfterMs: Math.min(...delays) } : {};
  }

  async #apply(waitGroup: WaitGroup, decision: Decision): Promise<boolean> {
    const isWritten = await applyDecision(waitGroup, decision, { api: this.#api, events: this.#events });
    if (!isWritten || decision.kind === 'none') return false;
    const { namespace, name, uid } = waitGroup.metadata;
    const failure = decision.kind === 'write' ? decision.status.failure?.reason : undefined;
    for (const { reason } of decision.events) {
      this.logger.info({ namespace, name, uid, decision: decision.kind, reason, failure }, 'WaitGroup state changed');
      this.#onTransition(reason, failure);
    }
    return true;
  }
}

function namePath({ metadata }: KubeObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}
