// Folds the cached records of workers into the status of their WaitGroup, and asks the API server where the cache does not suffice.
import { type Fold, foldWorkers, retireWorkers, type WaitGroup } from '@konductor/schema';
import type { Logger } from '../framework/logger.ts';
import { hintFor } from '../framework/resource-caches.ts';
import type { CountedWorker } from './cached-worker.ts';
import { FoldPacer } from './fold-pacer.ts';
import type { LiveChecks } from './live-checks.ts';
import { Retirement } from './retirement.ts';
import type { WorkerCache } from './worker-cache.ts';

export interface WorkerFoldsOptions {
  readonly cache: Pick<WorkerCache, 'recordsOf'>;
  readonly live: LiveChecks;
  readonly logger: Logger;
  readonly observer?: FoldObserver | undefined;
}

/** Called for metrics. */
export interface FoldObserver {
  /** A fold was written. */
  onFold?(): void;
  /** The records of a WaitGroup were listed, because the cache stayed stale. */
  onStaleList?(): void;
  /** A record was retired. */
  onRetired?(): void;
}

/** `wait`: the records are to be folded later. */
export type CheckedFold = CurrentFold | { readonly kind: 'wait'; readonly requeueAfterMs: number };
type CurrentFold = Exclude<Fold, { readonly kind: 'stale' }>;

/** How soon to look again for what a watch hides. */
const HIDDEN_MS = 1_000;
const UNCHANGED = { kind: 'unchanged' } as const;

export class WorkerFolds {
  readonly #options: WorkerFoldsOptions;
  readonly #pacer = new FoldPacer();
  readonly #retirement: Retirement;

  constructor(options: WorkerFoldsOptions) {
    this.#options = options;
    const { cache, live, observer } = options;
    this.#retirement = new Retirement({ cache, live, onRetired: () => observer?.onRetired?.() });
  }

  async fold(waitGroup: WaitGroup, now: Date): Promise<CheckedFold> {
    const { uid = '', deletionTimestamp } = waitGroup.metadata;
    if (deletionTimestamp !== undefined) return UNCHANGED;
    await this.#unlessFailing(waitGroup, this.#retirement.deleteRetiring(waitGroup));
    const pauseMs = this.#pacer.pauseMs(uid);
    if (pauseMs > 0) return { kind: 'wait', requeueAfterMs: pauseMs };
    await this.#unlessFailing(waitGroup, this.#retirement.look(waitGroup, now));
    const cached = this.#options.cache.recordsOf(waitGroup);
    const fold = foldWorkers(waitGroup, cached, now);
    if (fold.kind === 'stale') return this.#foldListed(waitGroup, now);
    this.#pacer.onCurrent(uid);
    if (await this.#isVoid(waitGroup, fold)) return UNCHANGED;
    if (await this.#isHidden(waitGroup, fold)) return { kind: 'wait', requeueAfterMs: HIDDEN_MS };
    return this.#retire(waitGroup, fold, cached.records);
  }

  /** When to fold a WaitGroup that does not change; undefined if there is no need. */
  requeueAfterMs(waitGroup: WaitGroup): number | undefined {
    return this.#retirement.requeueAfterMs(waitGroup);
  }

  onWritten({ metadata }: WaitGroup): void {
    this.#pacer.onFolded(metadata.uid ?? '');
    this.#options.observer?.onFold?.();
  }

  forget(uid: string): void {
    this.#pacer.forget(uid);
    this.#retirement.forget(uid);
  }

  async #foldListed(waitGroup: WaitGroup, now: Date): Promise<CheckedFold> {
    const { live, observer } = this.#options;
    const { uid = '' } = waitGroup.metadata;
    const catchUpMs = this.#pacer.catchUpMs(uid);
    if (catchUpMs > 0) return { kind: 'wait', requeueAfterMs: catchUpMs };
    const fold = foldWorkers(waitGroup, await live.recordsOf(waitGroup), now);
    this.#pacer.onCurrent(uid);
    observer?.onStaleList?.();
    return fold.kind === 'stale' || (await this.#isVoid(waitGroup, fold)) ? UNCHANGED : fold;
  }

  /** Records vanish one after another with their WaitGroup or namespace, and that is no completion. */
  async #isVoid(waitGroup: WaitGroup, fold: CurrentFold): Promise<boolean> {
    return fold.kind === 'folded' && fold.lowersSum && !(await this.#options.live.isKept(waitGroup));
  }

  /** A watch that began with an older CRD hides what is counted already, until the API server ends it. */
  async #isHidden(waitGroup: WaitGroup, fold: CurrentFold): Promise<boolean> {
    const isFirst = fold.kind === 'folded' && waitGroup.status?.workers === undefined;
    return isFirst && (await this.#options.live.countsWorkers(waitGroup));
  }

  /** Without permission for a part of retirement, workers are counted nevertheless. */
  async #unlessFailing({ metadata: { namespace, name } }: WaitGroup, step: Promise<void>): Promise<void> {
    try {
      await step;
    } catch (err) {
      this.#options.logger.warn({ err, namespace, name, hint: hintFor(err) }, 'retiring workers failed');
    }
  }

  /** In the same write as the fold of everything else. */
  #retire(waitGroup: WaitGroup, fold: CurrentFold, records: readonly CountedWorker[]): CheckedFold {
    const status = fold.kind === 'folded' ? fold.status : waitGroup.status;
    const retired = status && retireWorkers(status, this.#retirement.choose(waitGroup, records));
    return retired === undefined || retired === status ? fold : { kind: 'folded', status: retired, lowersSum: false };
  }
}
