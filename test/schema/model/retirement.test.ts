// An exhaustive search over the interleavings of folds, retirement and deletion, with two workers and two operators whose caches are
// of any age. docs/decisions/0047-the-fold.md
import { foldWorkers, type WaitGroupWorker } from '@konductor/schema';
import { expect, it } from 'vitest';
import { NOW } from '../wait-groups.ts';
import { buildGroup } from '../workers.ts';
import * as the from './cluster.ts';
import { idOf, type Model, type Step, search } from './search.ts';

const WORKERS = ['a', 'b'];
const MOST_ADDS = 2;
/** Of records. It holds for 7, too: over 81,750 states. */
const MOST_WRITES = 6;

interface Variant {
  readonly rule?: the.FoldRule;
  /** Whether records are deleted only as they were when they were taken out of the sums. */
  readonly isGuarded?: boolean;
}

function modelOf({ rule = the.foldRule, isGuarded = true }: Variant): Model<the.Cluster> {
  return {
    start: the.newCluster(2),
    *steps(cluster) {
      const canWrite = the.revisionOf(cluster) < MOST_WRITES;
      if (canWrite) for (const worker of WORKERS) yield* workerSteps(cluster, worker);
      for (const operator of cluster.caches.keys()) yield* operatorSteps(cluster, operator, rule);
      if (canWrite) yield* deletions(cluster, isGuarded);
    },
    key: ({ status: { counter, workers }, history, caches, truth }) => {
      const seen = [...caches.toSorted(), history.length - 1].map((at) => `${at}:${idOf(history[at] ?? [])}`);
      return [counter, workers && idOf(workers), ...seen, truth.added, truth.done].join('|');
    },
    violation: (cluster) => the.violation(cluster) ?? (isCounted(cluster) ? the.miscount(cluster) : undefined),
  };
}

/** All that is recorded is in the counter. */
function isCounted(cluster: the.Cluster): boolean {
  const isUnchanged = (uid: string, version: string) =>
    the.recordsOf(cluster).every(({ metadata }) => metadata.uid !== uid || metadata.resourceVersion === version);
  const retiring = cluster.status.workers?.retiring ?? [];
  const isSettled = retiring.every(({ uid, resourceVersion }) => isUnchanged(uid, resourceVersion));
  return the.countedRevision(cluster) === the.revisionOf(cluster) && isSettled;
}

function* workerSteps(cluster: the.Cluster, worker: string): Iterable<Step<the.Cluster>> {
  const spec = the.recordOf(cluster, worker)?.spec;
  const kind = spec?.state === 'Active' ? 'done' : 'add';
  if (kind === 'add' && (spec?.added ?? 0) >= MOST_ADDS) return;
  const step = the.decide(cluster, { kind, id: `${the.revisionOf(cluster)}`, worker, round: 0 });
  yield { name: `${worker}: ${kind}`, state: the.write(cluster, step) };
}

function* operatorSteps(cluster: the.Cluster, operator: number, rule: the.FoldRule): Iterable<Step<the.Cluster>> {
  const name = `operator ${operator}`;
  if ((cluster.caches[operator] ?? 0) < the.revisionOf(cluster))
    yield { name: `${name} syncs`, state: the.sync(cluster, operator) };
  const folded = the.foldCached(cluster, operator, rule);
  if (folded) yield { name: `${name} folds`, state: folded };
  for (const worker of WORKERS) {
    const retired = the.retire(cluster, operator, worker, rule);
    if (retired) yield { name: `${name} retires ${worker}`, state: retired };
  }
}

function* deletions(cluster: the.Cluster, isGuarded: boolean): Iterable<Step<the.Cluster>> {
  for (const [index, { name }] of (cluster.status.workers?.retiring ?? []).entries()) {
    const deleted = the.deleteRetired(cluster, index, isGuarded);
    if (deleted) yield { name: `delete ${name}`, state: deleted };
  }
}

it('the count is true in every interleaving of folds, retirement and deletion', () => {
  const found = search(modelOf({}));
  expect(found.steps, found.violation).toBeUndefined();
  expect(found.states).toBeGreaterThan(10_000);
});

/** A record of the list that has changed is left in the list, as it was, and comes back in a later write. */
const comesBackLater: the.FoldRule = the.memoized((status, source) => {
  const retiring = status.workers?.retiring ?? [];
  const asRetired = (record: WaitGroupWorker) => {
    const entry = retiring.find(({ uid }) => uid === record.metadata.uid);
    return entry ? { ...record, metadata: { ...record.metadata, resourceVersion: entry.resourceVersion } } : record;
  };
  const first = foldWorkers(buildGroup(status), { ...source, records: Array.from(source.records, asRetired) }, NOW);
  return first.kind === 'unchanged' ? the.foldRule(status, source) : first;
});
it.each<[string, Variant]>([
  ['a fold does not compare revisions', { rule: the.withoutRevisions }],
  ['a record that has changed comes back in a later write', { rule: comesBackLater }],
  ['a record is deleted whatever it is by then', { isGuarded: false }],
])('the search finds what happens when %s', (_name, variant) => {
  const { violation } = search(modelOf(variant));
  expect(violation).toMatch(/the counter is/);
});
