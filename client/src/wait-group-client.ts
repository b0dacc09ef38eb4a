// The client of WaitGroups: koncli's verbs for TypeScript programs. Counting, waiting and retrying each have a folder or file
// below wait-group/; this file only joins them.
import { currentStatus, type WaitGroup, type WaitGroupWorker } from '@konductor/schema';
import { AlreadyExistsError } from './core/errors.ts';
import {
  createEvent,
  type EventDescription,
  type EventSource,
  type EventSubject,
  listEvents,
  newEvent,
  type RecordedEvent,
} from './kubernetes/events.ts';
import type { ListWatchEvent } from './kubernetes/list-watch.ts';
import type { KubeTransport } from './transport/transport.ts';
import type { CallOptions } from './wait-group/call-options.ts';
import type { Counted, CountOptions } from './wait-group/counting/counting-call.ts';
import { type CounterSet, Counting } from './wait-group/counting/counting-queue.ts';
import { createCounted, type GroupToCount } from './wait-group/counting/create-counted.ts';
import type { FailureReport } from './wait-group/counting/failure-report.ts';
import { createOnce, deleteOnce } from './wait-group/create-delete.ts';
import { type RetryContext, retry, withDeadline } from './wait-group/retry.ts';
import {
  type DeletePreconditions,
  type ListQuery,
  type NewWaitGroup,
  WaitGroupApi,
} from './wait-group/wait-group-api.ts';
import { WaitGroupNotFoundError } from './wait-group/wait-group-errors.ts';
import { type WaitGroupEventsOptions, waitGroupEvents } from './wait-group/wait-group-watch.ts';
import { type WaitOptions, waitForGroup } from './wait-group/waiting/wait.ts';
import { WorkerApi } from './wait-group/workers/worker-api.ts';
import { type Worker, WorkerClient } from './wait-group/workers/worker-client.ts';

export interface WaitGroupClientOptions {
  /** Defaults to the namespace of the transport's connection. */
  readonly namespace?: string;
  /** Name of the client in `status.recentOperations`, for people who read it; defaults to the name of the pod, if known. */
  readonly by?: string;
  /** The manager in managedFields; constant for a program. */
  readonly fieldManager?: string;
  /** A watch that is silent for longer is considered dead and renewed; 180,000 by default. */
  readonly idleTimeoutMs?: number;
}

export interface ListOptions extends CallOptions, ListQuery {
  readonly allNamespaces?: boolean | undefined;
}

export interface WorkersOptions extends CallOptions {
  /** The uid of the group; absent: of any group of the name. */
  readonly uid?: string | undefined;
}

export interface WatchOptions extends Omit<WaitGroupEventsOptions, 'namespace'> {
  readonly allNamespaces?: boolean | undefined;
}

/** Safe to share: concurrent calls of `add` and `done` become one write. */
export class WaitGroupClient {
  readonly namespace: string;
  readonly #api: WaitGroupApi;
  readonly #workers: WorkerApi;
  readonly #source: EventSource;
  readonly #counting: Counting;
  readonly #idleTimeoutMs: number | undefined;

  constructor(transport: KubeTransport, options: WaitGroupClientOptions = {}) {
    const { namespace, pod } = transport.connection;
    const { by = pod?.name ?? 'unknown', fieldManager = 'konductor-client' } = options;
    this.namespace = options.namespace ?? namespace;
    this.#source = { component: fieldManager, instance: by };
    this.#api = new WaitGroupApi(transport, fieldManager);
    this.#workers = new WorkerApi(transport, fieldManager);
    this.#counting = new Counting(this.#api, { namespace: this.namespace, by });
    this.#idleTimeoutMs = options.idleTimeoutMs;
  }

  create(group: NewWaitGroup, options: CallOptions = {}): Promise<WaitGroup> {
    return this.#call(group.name, options, (context) => createOnce(this.#api, group, context));
  }

  get(name: string, options: CallOptions = {}): Promise<WaitGroup> {
    return this.#call(name, options, (context) =>
      retry(context, (signal) => this.#api.get(this.namespace, name, { signal })),
    );
  }

  list(options: ListOptions = {}): Promise<WaitGroup[]> {
    const namespace = options.allNamespaces ? undefined : this.namespace;
    return this.#call('', options, (context) =>
      retry(context, (signal) => this.#api.list(namespace, options, { signal })),
    );
  }

  /** Resolves when the API server has accepted the deletion; finalizers may delay its end. */
  delete(name: string, options: CallOptions & DeletePreconditions = {}): Promise<void> {
    const { uid, resourceVersion } = options;
    const preconditions = { ...(uid && { uid }), ...(resourceVersion && { resourceVersion }) };
    return this.#call(name, options, (context) => deleteOnce(this.#api, preconditions, context));
  }

  /** Raises the counter by `delta` (negative: lowers it) in one atomic write; resolves with the group after it. */
  add(name: string, delta = 1, options: CountOptions = {}): Promise<Counted> {
    return this.#counting.count(name, { delta }, options);
  }

  /**
   * Like `add`, but creates the group if it does not exist, together with this count: such a group is never Done before its first
   * count. Several callers may do so at once. Rejects also as `create` does.
   */
  async addOrCreate(group: GroupToCount, delta = 1, options: CountOptions = {}): Promise<Counted> {
    const limits = { startedAt: performance.now(), ...options };
    const count = { delta, by: this.#source.instance, operationId: options.operationId };
    for (;;) {
      try {
        return await this.add(group.name, delta, limits);
      } catch (error) {
        if (!(error instanceof WaitGroupNotFoundError && error.absence === 'missing')) throw error;
      }
      const create = (context: RetryContext) => createCounted(this.#api, group, count, context);
      const created = await this.#call(group.name, limits, create);
      if (created) return { group: created, wasRepeated: false };
    }
  }

  /** Lowers the counter by `delta`; resolves with the group after it. */
  done(name: string, delta = 1, options: CountOptions = {}): Promise<Counted> {
    return this.#counting.count(name, { delta: -delta }, options);
  }

  /**
   * Fails the present round and lowers the counter by `delta` in one atomic write: work that fails is finished, too. With a
   * delta of 0, it finishes no work. The first failure of a round is recorded; later ones change only the counter. Resolves
   * with the group after the write. Errors: those of `done`, CounterRejectedError also if no work is outstanding, and TypeError
   * for an invalid report or a negative delta.
   */
  fail(name: string, report: FailureReport, delta = 1, options: CountOptions = {}): Promise<Counted> {
    return this.#counting.fail(name, { ...report, delta: 0 - delta }, options);
  }

  /**
   * One worker of a group, counted once however often its calls are repeated; nothing is sent before its first call. The pod of the
   * connection works only for groups in its own namespace.
   */
  worker(name: string, { id, pod = this.#ownPod }: Worker): WorkerClient {
    const group = { namespace: this.namespace, name };
    const limits = { idleTimeoutMs: this.#idleTimeoutMs };
    return new WorkerClient({ groups: this.#api, records: this.#workers, group, ...limits }, { id, pod });
  }

  get #ownPod() {
    const { namespace, pod } = this.#api.transport.connection;
    return this.namespace === namespace ? pod : undefined;
  }

  /** The records of the workers of a group, in no particular order; without a uid, those of all groups that had the name. */
  async workers(name: string, { uid, ...options }: WorkersOptions = {}): Promise<WaitGroupWorker[]> {
    const records = await this.#call(name, options, (context) =>
      retry(context, (signal) => this.#workers.list(this.namespace, name, { signal })),
    );
    return uid === undefined ? records : records.filter(({ spec }) => spec.waitGroupUid === uid);
  }

  /** Sets the counter, whatever it was, to repair a count that went wrong. */
  set(name: string, counter: number, options: CallOptions = {}): Promise<CounterSet> {
    return this.#counting.set(name, counter, options);
  }

  /**
   * Checks once, by a dry run, whether this account is allowed to change the counter of the group as it was read. Rejects as a change
   * would: with ForbiddenError if it is not; any other rejection may be temporary.
   */
  async rehearse(group: WaitGroup, options: CallOptions = {}): Promise<void> {
    await this.#call(group.metadata.name, options, async ({ deadline: { signal } }) => {
      await this.#api.updateStatus(group, currentStatus(group), { signal, isDryRun: true });
    });
  }

  /**
   * Resolves with the group when its work is done, as {@link WaitOptions} defines it. Rejects with WaitGroupFailedError as soon as
   * the present round fails, or if a round has failed since the wait began.
   */
  wait(name: string, options: WaitOptions = {}): Promise<WaitGroup> {
    const group = { namespace: this.namespace, name };
    return waitForGroup(this.#api.transport, group, { ...options, idleTimeoutMs: this.#idleTimeoutMs });
  }

  /** All changes of one group, or of all groups in the namespace, until `signal` is aborted. */
  watch({ allNamespaces, ...options }: WatchOptions): AsyncGenerator<ListWatchEvent<WaitGroup>> {
    const namespace = allNamespaces ? undefined : this.namespace;
    return waitGroupEvents(this.#api.transport, { idleTimeoutMs: this.#idleTimeoutMs, ...options, namespace });
  }

  /** Publishes one Event about the group. */
  async publishEvent(group: WaitGroup, event: EventDescription, options: CallOptions = {}): Promise<void> {
    const body = newEvent(group, event, this.#source);
    const publish = (signal: AbortSignal) => createEvent(this.#api.transport, body, signal);
    await this.#call(group.metadata.name, options, (context) => retry(context, publish)).catch((error) => {
      // The response to an earlier attempt was lost.
      if (!(error instanceof AlreadyExistsError)) throw error;
    });
  }

  /** The Events about a group, in no particular order; the group need not exist any more. */
  events(subject: EventSubject, options: CallOptions = {}): Promise<readonly RecordedEvent[]> {
    const list = (signal: AbortSignal) =>
      listEvents(this.#api.transport, { ...subject, namespace: this.namespace }, signal);
    return this.#call(subject.name, options, (context) => retry(context, list));
  }

  #call<T>(name: string, options: CallOptions, work: (context: RetryContext) => Promise<T>): Promise<T> {
    return withDeadline({ namespace: this.namespace, name }, options, work);
  }
}
