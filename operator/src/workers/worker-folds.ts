// Folds the cached records of workers into the status of their WaitGroup, and asks the API server where the cache does not suffice.
import { type Fold, foldWorkers, type WaitGroup } from '@konductor/schema';
import type { FoldPacer } from './fold-pacer.ts';
import type { LiveChecks } from './live-checks.ts';
import type { WorkerCache } from './worker-cache.ts';

export interface WorkerFoldsOptions {
  readonly cache: WorkerCache;
  readonly live: LiveChecks;
  readonly pacer: FoldPacer;
}

/** `wait`: the records are to be folded later. */
export type CheckedFold =
  | Exclude<Fold, { readonly kind: 'stale' }>
  | { readonly kind: 'wait'; readonly requeueAfterMs: number };

export class WorkerFolds {
  readonly #options: WorkerFoldsOptions;

  constructor(options: WorkerFoldsOptions) {
    this.#options = options;
  }

  async fold(waitGroup: WaitGroup, now: Date): Promise<CheckedFold> {
    const { cache, live, pacer } = this.#options;
    const { uid = '', deletionTimestamp } = waitGroup.metadata;
    if (deletionTimestamp !== undefined) return { kind: 'unchanged' };
    const pauseMs = pacer.pauseMs(uid);
    if (pauseMs > 0) return { kind: 'wait', requeueAfterMs: pauseMs };
    const fold = foldWorkers(waitGroup, cache.recordsOf(waitGroup), now);
    const current = fold.kind === 'stale' ? await this.#foldListed(waitGroup, now) : fold;
    if (current.kind === 'wait') return current;
    pacer.onCurrent(uid);
    // Records vanish one after another with their WaitGroup or namespace: that is no completion.
    const isVoid = current.kind === 'folded' && current.lowersSum && !(await live.isKept(waitGroup));
    return isVoid ? { kind: 'unchanged' } : current;
  }

  async #foldListed(waitGroup: WaitGroup, now: Date): Promise<CheckedFold> {
    const { live, pacer } = this.#options;
    const catchUpMs = pacer.catchUpMs(waitGroup.metadata.uid ?? '');
    if (catchUpMs > 0) return { kind: 'wait', requeueAfterMs: catchUpMs };
    const fold = foldWorkers(waitGroup, await live.recordsOf(waitGroup), now);
    return fold.kind === 'stale' ? { kind: 'unchanged' } : fold;
  }
}
