// One WaitGroup as an API server keeps it, in memory: guarded writes, every past state, and the faults that a test plans.
import { AbortedError, UnavailableError } from '@konductor/client';
import { applyOperation, type CounterOperation, type WaitGroup, type WaitGroupStatus } from '@konductor/schema';
import { errorFromStatus } from '../../../../client/src/core/errors.ts';
import type { CountingApi } from '../../../../client/src/wait-group/counting/counting-operation.ts';

export type RequestKind = 'GET' | 'PUT' | 'WATCH' | 'LIST';

/** Responds in the API server's place; `carryOut` lets the request take effect, as often as it is called. */
export type Fault = (carryOut: () => unknown) => unknown;

interface State {
  readonly revision: number;
  /** Undefined once it is deleted. */
  readonly group: WaitGroup | undefined;
}

const FIRST_REVISION = 100;

export class ScriptedGroup implements CountingApi {
  /** The requests in their order, such as `GET PUT`. */
  readonly requests: RequestKind[] = [];
  /** States before this revision are compacted away. */
  compactedBefore = 0;
  /** How much the revision grows with each change, as if others wrote other objects. */
  stride = 1;
  readonly #states: State[] = [];
  readonly #plans = new Map<RequestKind, Fault[]>();
  #onChange = () => {};
  #uids = 0;

  constructor(counter: number) {
    this.#store(this.#born(counter));
  }

  /** Each fault is for one request of the kind, in turn; the requests after them succeed. */
  plan(kind: RequestKind, ...faults: Fault[]): void {
    this.#plans.set(kind, [...(this.#plans.get(kind) ?? []), ...faults]);
  }

  get current(): WaitGroup | undefined {
    return this.#states.at(-1)?.group;
  }

  get counter(): number | undefined {
    return this.current?.status?.counter;
  }

  /** The deltas of all writes that ever took effect, but those of `churn`. */
  get landed(): readonly number[] {
    const newest = this.#states.map(({ group }) => group?.status?.recentOperations?.[0]);
    return newest.flatMap((record) => (record === undefined || record.by === 'others' ? [] : [record.delta]));
  }

  /** The messages of all failures that were ever recorded. */
  get failures(): readonly string[] {
    const messages = this.#states.flatMap(({ group }) => group?.status?.failure?.message ?? []);
    return [...new Set(messages)];
  }

  /** Another writer's changes, which leave the counter as it was when their number is even. */
  churn(changes: number): void {
    for (let n = 0; n < changes; n++) this.change(n % 2 === 0 ? 1 : -1);
  }

  change(delta: number, id = `other-${this.#states.length}`): void {
    this.#apply({ id, by: 'others', deltas: [delta] });
  }

  /** Another client fails the round. */
  fail(message: string): void {
    const failure = { reason: 'WorkerFailed', message };
    this.#apply({ id: `other-${this.#states.length}`, by: 'others', deltas: [0], failure });
  }

  delete(): void {
    this.#store(undefined);
  }

  recreate(counter: number): void {
    this.delete();
    this.#store(this.#born(counter));
  }

  markForDeletion(): void {
    const { current } = this;
    if (current) this.#store({ ...current, metadata: { ...current.metadata, deletionTimestamp: 'now' } });
  }

  get(_namespace: string, _name: string, { signal }: { signal?: AbortSignal } = {}): Promise<WaitGroup> {
    return this.#respond('GET', signal, () => this.#existing());
  }

  updateStatus(base: WaitGroup, status: WaitGroupStatus, { signal }: { signal?: AbortSignal } = {}) {
    return this.#respond('PUT', signal, () => {
      if (this.#existing().metadata.resourceVersion !== base.metadata.resourceVersion) throw rejection(409);
      return this.#store({ ...base, status }) as WaitGroup;
    });
  }

  getAt(_group: unknown, resourceVersion: string, { signal }: { signal?: AbortSignal } = {}) {
    return this.#respond('LIST', signal, () => {
      if (Number(resourceVersion) < this.compactedBefore) throw rejection(410);
      return this.#states.findLast(({ revision }) => revision <= Number(resourceVersion))?.group;
    });
  }

  firstChangeAfter(base: WaitGroup, { signal }: { signal?: AbortSignal } = {}) {
    return this.#respond('WATCH', signal, async () => {
      const after = Number(base.metadata.resourceVersion);
      if (after < this.compactedBefore) throw rejection(410);
      const find = () => this.#states.find(({ revision }) => revision > after);
      if (!find()) await new Promise<void>((resolve) => (this.#onChange = resolve));
      return find()?.group ?? base;
    });
  }

  #apply(operation: CounterOperation): void {
    const { current } = this;
    if (!current) return;
    const { status } = applyOperation(current, operation, new Date());
    if (status) this.#store({ ...current, status });
  }

  #respond<T>(kind: RequestKind, signal: AbortSignal | undefined, carryOut: () => T | Promise<T>): Promise<T> {
    this.requests.push(kind);
    const fault = this.#plans.get(kind)?.shift() ?? pass;
    return new Promise((resolve, reject) => {
      const abort = () => reject(new AbortedError('aborted', { mayHaveArrived: true }));
      if (signal?.aborted) return abort();
      signal?.addEventListener('abort', abort);
      Promise.resolve()
        .then(() => fault(carryOut) as T)
        .then(resolve, reject);
    });
  }

  #existing(): WaitGroup {
    if (!this.current) throw rejection(404);
    return this.current;
  }

  #born(counter: number): WaitGroup {
    const metadata = { name: 'batch', namespace: 'jobs', uid: `uid-${++this.#uids}` };
    const status = { counter, phase: 'Waiting' as const, added: counter, completions: 0, recentOperations: [] };
    return { apiVersion: 'konductor.io/v1', kind: 'WaitGroup', metadata, status };
  }

  #store(group: WaitGroup | undefined): WaitGroup | undefined {
    const revision = (this.#states.at(-1)?.revision ?? FIRST_REVISION - this.stride) + this.stride;
    const stored = group && { ...group, metadata: { ...group.metadata, resourceVersion: String(revision) } };
    this.#states.push({ revision, group: stored });
    this.#onChange();
    return stored;
  }
}

export const pass: Fault = (carryOut) => carryOut();

/** There is never a response. */
export const swallow: Fault = () => new Promise(() => {});

/** Something happens before the fault does. */
export const firstDo =
  (work: () => unknown, fault: Fault = pass): Fault =>
  (carryOut) => {
    work();
    return fault(carryOut);
  };

/** The request takes effect, something happens, and then its response is this error. */
export const landThen =
  (error: Error, work: () => unknown = () => {}): Fault =>
  (carryOut) => {
    carryOut();
    work();
    throw error;
  };

/** The response is this error, and the request does not take effect. */
export const fail =
  (error: Error): Fault =>
  () => {
    throw error;
  };

/** A proxy sends the request again after it took effect, and returns the second response. */
export const sendTwice =
  (work: () => unknown = () => {}): Fault =>
  (carryOut) => {
    carryOut();
    work();
    return carryOut();
  };

/** The connection broke, after the request was sent or before. */
export const lost = new UnavailableError('connection reset', { mayHaveArrived: true });
export const unsent = new UnavailableError('connection refused', { mayHaveArrived: false });

export function rejection(code: number, retryAfterSeconds = 0): Error {
  return errorFromStatus(code, { kind: 'Status', message: `rejected with ${code}`, details: { retryAfterSeconds } });
}
