// The operator of WaitGroups: hands every group that changes, or whose time has come, to reconcile, and does what it says.
import { type KubeObject, WaitGroupApi } from '@konductor/client';
import { API_GROUP, API_VERSION, parseWaitGroup, type WaitGroup, waitGroupKind } from '@konductor/schema';
import { type ResourceEvent, ResourceEventType } from '../framework/dot-i.ts';
import { ResilientOperator, type ResilientOperatorOptions } from '../framework/resilient-operator.ts';
import type { Requeue } from '../framework/work-queue.ts';
import { FIELD_MANAGER } from '../version.ts';
import { applyDecision } from './apply.ts';
import { EventRecorder } from './event-recorder.ts';
import { CompletionClock, type Now } from './expiry.ts';
import { type Decision, type DecisionEvent, inheritedEvent, reconcile } from './reconcile.ts';

export interface WaitGroupOperatorOptions extends Omit<ResilientOperatorOptions, 'fieldManager' | 'transform'> {
  /** Absent: all namespaces. */
  readonly watchNamespace?: string | undefined;
  /** Named in Events: the pod or host. */
  readonly instance: string;
  /** Called for each change of state that this operator has brought about. */
  readonly onTransition?: ((reason: DecisionEvent['reason']) => void) | undefined;
}

const RESOURCE_ID = `${waitGroupKind.plural}.${API_GROUP}/${API_VERSION}`;

export class WaitGroupOperator extends ResilientOperator {
  readonly #watchNamespace: string | undefined;
  readonly #onTransition: NonNullable<WaitGroupOperatorOptions['onTransition']>;
  readonly #api: WaitGroupApi;
  readonly #events: EventRecorder;
  readonly #completions = new CompletionClock();
  /** By uid: the completions of others that this process has told of. */
  readonly #retold = new Map<string, string>();

  constructor(options: WaitGroupOperatorOptions) {
    super({ ...options, fieldManager: FIELD_MANAGER, transform: keptOf });
    this.#watchNamespace = options.watchNamespace;
    this.#onTransition = options.onTransition ?? (() => {});
    this.#api = new WaitGroupApi(options.transport, FIELD_MANAGER);
    const { transport, logger, instance } = options;
    this.#events = new EventRecorder({ transport, logger, instance, isBusy: () => this.queueDepth > 0 });
  }

  /** How many groups the cache holds in each phase; those without a status yet count as nothing. */
  phases(): Record<string, number> {
    const phases: Record<string, number> = { Waiting: 0, Done: 0 };
    for (const object of this.cached(RESOURCE_ID)) {
      const phase = (object as { status?: { phase?: string } }).status?.phase;
      if (phase !== undefined) phases[phase] = (phases[phase] ?? 0) + 1;
    }
    return phases;
  }

  override async stop(): Promise<void> {
    await super.stop();
    await this.#events.flush();
  }

  protected override async init(): Promise<void> {
    const onEvent = (event: ResourceEvent) => this.#onEvent(event);
    await this.watchResource(API_GROUP, API_VERSION, waitGroupKind.plural, onEvent, this.#watchNamespace);
  }

  async #onEvent(event: ResourceEvent): Promise<Requeue> {
    const { uid = '' } = event.object.metadata ?? {};
    if (event.type === ResourceEventType.Deleted) {
      this.#completions.forget(uid);
      this.#retold.delete(uid);
      return {};
    }
    const waitGroup = parseWaitGroup(event.object);
    const sinceCompletionMs = this.#completions.sinceCompletionMs(uid, waitGroup.status?.completedAt);
    const now = { wall: new Date(), sinceCompletionMs };
    this.#tellInherited(waitGroup, now);
    const decision = reconcile(waitGroup, now);
    const { namespace, name, resourceVersion } = waitGroup.metadata;
    this.logger.debug({ namespace, name, uid, resourceVersion, decision: decision.kind }, 'reconciled');
    await this.#apply(waitGroup, decision);
    return decision.kind === 'none' ? decision : {};
  }

  #tellInherited(waitGroup: WaitGroup, now: Now): void {
    const { uid = '' } = waitGroup.metadata;
    const event = inheritedEvent(waitGroup, now);
    if (!event || this.#retold.get(uid) === event.occasion) return;
    this.#retold.set(uid, event.occasion);
    this.#events.record(waitGroup, event);
  }

  async #apply(waitGroup: WaitGroup, decision: Decision): Promise<void> {
    const context = { api: this.#api, events: this.#events, completions: this.#completions };
    const isWritten = await applyDecision(waitGroup, decision, context);
    if (!isWritten || decision.kind === 'none') return;
    const { namespace, name, uid } = waitGroup.metadata;
    for (const { reason } of decision.events) {
      this.logger.info({ namespace, name, uid, decision: decision.kind, reason }, 'waitgroup changed state');
      this.#onTransition(reason);
    }
  }
}

const KEPT = ['name', 'namespace', 'uid', 'resourceVersion', 'generation', 'creationTimestamp', 'deletionTimestamp'];
/**
 * What the cache keeps of a group: what decides about it and what it is known by. Labels, annotations, managedFields and the
 * like may fill a megabyte, at the wish of whoever may create groups. A status is written without them: of what is not
 * status the API server keeps its own. https://kubernetes.io/docs/reference/using-api/server-side-apply/#clearing-managedfields
 */
function keptOf<T extends KubeObject>(object: T): T {
  const kept = Object.entries(object.metadata).filter(([field]) => KEPT.includes(field));
  return { ...object, metadata: Object.fromEntries(kept) };
}
