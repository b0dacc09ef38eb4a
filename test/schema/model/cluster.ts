// A cluster in miniature: a WaitGroup, the records of its workers, and operators whose caches are of any age. Whatever changes is
// changed by the real rules. Immutable: each step returns another cluster, or undefined if it cannot happen.
import {
  applyDelta,
  applyWorkerOperation,
  type Fold,
  foldWorkers,
  retireWorkers,
  type WaitGroupStatus,
  type WaitGroupWorker,
  type WorkerOperation,
  type WorkerRecords,
  type WorkerStep,
} from '@konductor/schema';
import { buildStatus, NOW } from '../wait-groups.ts';
import { buildGroup, buildRecord, GROUP } from '../workers.ts';
import { idOf } from './search.ts';

type Records = readonly WaitGroupWorker[];

export interface Cluster {
  readonly status: WaitGroupStatus;
  /** The records after each of their writes: the index is the resourceVersion. */
  readonly history: readonly Records[];
  /** The revision of each operator's cache. */
  readonly caches: readonly number[];
  readonly truth: Truth;
}

/** What was counted, by whichever record. */
interface Truth {
  readonly anonymous: number;
  readonly added: number;
  readonly done: number;
  readonly borrowed: number;
}

export function newCluster(operators: number): Cluster {
  const truth = { anonymous: 0, added: 0, done: 0, borrowed: 0 };
  return { status: buildStatus(), history: [[]], caches: Array(operators).fill(0), truth };
}

export const recordsOf = ({ history }: Cluster): Records => history.at(-1) ?? [];
export const revisionOf = ({ history }: Cluster): number => history.length - 1;
export const recordOf = (cluster: Cluster, worker: string): WaitGroupWorker | undefined =>
  recordsOf(cluster).find(({ spec }) => spec.worker === worker);
export const roundOf = ({ status }: Cluster): number => status.completions ?? 0;
export const countedRevision = ({ status }: Cluster): number => Number(status.workers?.revision ?? 0);
export const versionOf = (record: WaitGroupWorker | undefined): number => Number(record?.metadata.resourceVersion ?? 0);

export function countAnonymously(cluster: Cluster, delta: number): Cluster | undefined {
  const step = applyDelta(cluster.status, delta, NOW);
  if (!step.ok) return undefined;
  const anonymous = cluster.truth.anonymous + delta;
  return { ...cluster, status: step.status, truth: { ...cluster.truth, anonymous } };
}

export function decide(cluster: Cluster, operation: WorkerOperation): WorkerStep {
  return applyWorkerOperation(recordOf(cluster, operation.worker), GROUP, operation);
}

/** Writes what was decided. */
export function write(cluster: Cluster, step: WorkerStep): Cluster {
  if (step.kind === 'none') return cluster;
  const { spec } = step;
  const before = recordOf(cluster, spec.worker);
  const version = revisionOf(cluster) + 1;
  const built = buildRecord(spec, version);
  const uid = before?.metadata.uid ?? `${spec.worker}-${version}`;
  const record = { ...built, metadata: { ...built.metadata, uid } };
  const others = recordsOf(cluster).filter((one) => one !== before);
  const was = before?.spec ?? { added: 0, done: 0, borrowed: 0 };
  const truth = {
    ...cluster.truth,
    added: cluster.truth.added + spec.added - was.added,
    done: cluster.truth.done + spec.done - was.done,
    borrowed: cluster.truth.borrowed + spec.borrowed - was.borrowed,
  };
  return { ...withRecords(cluster, [...others, record]), truth };
}

/** Deletes a record; `isCounted`: its work remains in the counter. */
export function remove(cluster: Cluster, record: WaitGroupWorker, isCounted: boolean): Cluster {
  const left = withRecords(
    cluster,
    recordsOf(cluster).filter((one) => one !== record),
  );
  if (isCounted) return left;
  const { added, done, borrowed } = record.spec;
  const { truth } = cluster;
  return {
    ...left,
    truth: { ...truth, added: truth.added - added, done: truth.done - done, borrowed: truth.borrowed - borrowed },
  };
}

function withRecords(cluster: Cluster, records: Records): Cluster {
  const sorted = records.toSorted((a, b) => (a.spec.worker < b.spec.worker ? -1 : 1));
  return { ...cluster, history: [...cluster.history, sorted] };
}

/** The cache of an operator becomes that of another revision: a later one, or after a restart an earlier one. */
export function sync(
  { caches, ...cluster }: Cluster,
  operator: number,
  revision = revisionOf({ ...cluster, caches }),
): Cluster {
  return { ...cluster, caches: caches.with(operator, revision) };
}

export type FoldRule = (status: WaitGroupStatus, source: WorkerRecords) => Fold;
export const foldRule: FoldRule = memoized((status, source) => foldWorkers(buildGroup(status), source, NOW));

/** A rule that takes every cache for fresh: what was counted from a newer one is taken out again. */
export const withoutRevisions: FoldRule = memoized((status, source) => {
  const folded = foldWorkers(buildGroup(status), { ...source, isQuorumList: true }, NOW);
  const { workers } = status;
  if (folded.kind !== 'folded' || !folded.status.workers || !workers) return folded;
  const revision = `${Math.max(Number(source.revision), Number(workers.revision))}`;
  return { ...folded, status: { ...folded.status, workers: { ...folded.status.workers, revision } } };
});

/** A rule is pure, and a search meets the same status and records many times. */
export function memoized(rule: FoldRule): FoldRule {
  const folds = new Map<string, Fold>();
  return (status, source) => {
    const key = `${idOf(status)} ${idOf(source.records as Records)} ${source.revision}`;
    const known = folds.get(key) ?? rule(status, source);
    folds.set(key, known);
    return known;
  };
}

export function cacheOf({ caches, history }: Cluster, operator: number): WorkerRecords & { readonly records: Records } {
  const revision = caches[operator] ?? 0;
  return { records: history[revision] ?? [], revision: `${revision}` };
}

export function foldCached(cluster: Cluster, operator: number, rule = foldRule): Cluster | undefined {
  const folded = rule(cluster.status, cacheOf(cluster, operator));
  return folded.kind === 'folded' ? { ...cluster, status: folded.status } : undefined;
}

/** Retires a worker in the same write as a fold of everything else. */
export function retire(cluster: Cluster, operator: number, worker: string, rule = foldRule): Cluster | undefined {
  const cache = cacheOf(cluster, operator);
  const folded = rule(cluster.status, cache);
  if (folded.kind === 'stale') return undefined;
  const record = cache.records.find(({ spec }) => spec.worker === worker);
  if (record === undefined || record.spec.state === 'Active') return undefined;
  const before = folded.kind === 'folded' ? folded.status : cluster.status;
  const status = retireWorkers(before, [record]);
  return status === before ? undefined : { ...cluster, status };
}

/** Deletes a record that is being retired; `isGuarded`: only as it was when it was taken out of the sums. */
export function deleteRetired(cluster: Cluster, index: number, isGuarded = true): Cluster | undefined {
  const entry = cluster.status.workers?.retiring?.[index];
  const record = recordsOf(cluster).find(({ metadata }) => metadata.uid === entry?.uid);
  if (record === undefined || entry === undefined) return undefined;
  const isUnchanged = record.metadata.resourceVersion === entry.resourceVersion;
  return isGuarded && !isUnchanged ? undefined : remove(cluster, record, true);
}

/** What no interleaving may break. */
export function violation(cluster: Cluster): string | undefined {
  const { counter } = cluster.status;
  if (counter < 0) return `the counter is ${counter}`;
  const counted = recordsOf(cluster).filter((record) => versionOf(record) <= countedRevision(cluster));
  const outstanding = counted.reduce((sum, { spec }) => sum + spec.added - spec.done, 0);
  return counter < outstanding
    ? `the counter is ${counter}, but ${outstanding} adds that returned are outstanding`
    : undefined;
}

/** What is wrong with the counter when all is quiet: it is the anonymous balance and what workers have outstanding. */
export function miscount(cluster: Cluster): string | undefined {
  const { anonymous, added, done, borrowed } = cluster.truth;
  const expected = anonymous + added - done - Math.min(borrowed, anonymous);
  const { counter } = cluster.status;
  return counter === expected ? undefined : `all is quiet, and the counter is ${counter} instead of ${expected}`;
}
