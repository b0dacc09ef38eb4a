// Random histories of workers, twins, lost responses, operators with caches of any age, retirement and anonymous changes, as model
// commands of fast-check: longer ones than the searches can visit.
import type { WorkerOperation } from '@konductor/schema';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { OTHER_POD, POD } from '../workers.ts';
import * as the from './cluster.ts';

const OPERATORS = [0, 1] as const;
const WORKERS = ['a', 'b', 'c'] as const;

/** An operation that was begun: its round was read, and perhaps its record. */
interface Call {
  readonly operation: WorkerOperation;
  base?: number;
  /** The version that must be counted before it returns; absent until it is recorded. */
  recorded?: number;
}

interface Real {
  cluster: the.Cluster;
  readonly calls: Call[];
}

/** All that is known of a history is in the cluster and its truth. */
type Nothing = Record<string, never>;
type Command = fc.Command<Nothing, Real>;

function command(name: string, change: (real: Real) => the.Cluster | undefined): Command {
  return {
    check: () => true,
    run: (_, real) => {
      real.cluster = change(real) ?? real.cluster;
      expect(the.violation(real.cluster)).toBeUndefined();
    },
    toString: () => name,
  };
}

const begin = (operation: Omit<WorkerOperation, 'id' | 'round'>): Command =>
  command(`begin ${JSON.stringify(operation)}`, ({ cluster, calls }) => {
    calls.push({ operation: { ...operation, id: `op-${calls.length}`, round: the.roundOf(cluster) } });
    return cluster;
  });

/** Read the record, then write it, unless it has changed meanwhile; a lost response begins again. */
function proceed(real: Real, call: Call, isLost: boolean): the.Cluster {
  const { cluster } = real;
  const { operation } = call;
  const version = the.versionOf(the.recordOf(cluster, operation.worker));
  const step = the.decide(cluster, operation);
  if (call.base !== version || step.kind === 'none') {
    call.base = version;
    if (step.kind === 'none') call.recorded = version;
    return cluster;
  }
  const written = the.write(cluster, step);
  if (!isLost) call.recorded = the.revisionOf(written);
  return written;
}

const openCalls = ({ calls }: Real) => calls.filter(({ recorded }) => recorded === undefined);
const pick = <T>(list: readonly T[], index: number): T | undefined => list[index % Math.max(list.length, 1)];

const operator = fc.constantFrom(...OPERATORS);
const worker = fc.constantFrom(...WORKERS);
const kind = fc.constantFrom('add', 'add', 'start', 'done', 'done', 'fail', 'release', 'note');
const pod = fc.constantFrom(POD, POD, OTHER_POD, undefined);
const commands = [
  fc.record({ kind, worker, pod }).map(begin),
  fc.tuple(fc.nat(), fc.boolean()).map(([index, isLost]) =>
    command(`proceed with ${index}${isLost ? ', response lost' : ''}`, (real) => {
      const call = pick(openCalls(real), index);
      return call && proceed(real, call, isLost);
    }),
  ),
  operator.map((index) => command(`operator ${index} syncs`, ({ cluster }) => the.sync(cluster, index))),
  operator.map((index) => command(`operator ${index} folds`, ({ cluster }) => the.foldCached(cluster, index))),
  fc
    .tuple(operator, fc.nat())
    .map(([index, age]) =>
      command(`operator ${index} restarts from a list of age ${age}`, ({ cluster }) =>
        the.sync(cluster, index, Math.max(0, the.revisionOf(cluster) - (age % 8))),
      ),
    ),
  fc
    .tuple(operator, worker)
    .map(([index, name]) =>
      command(`operator ${index} retires ${name}`, ({ cluster }) => the.retire(cluster, index, name)),
    ),
  fc
    .nat({ max: 15 })
    .map((index) => command(`delete retired ${index}`, ({ cluster }) => the.deleteRetired(cluster, index))),
  worker.map((name) =>
    command(`delete ${name} by hand`, ({ cluster }) => {
      const record = the.recordOf(cluster, name);
      // Finished work of others remains counted if the record is being retired by an operator that does not know yet.
      return record?.spec.borrowed === 0 ? the.remove(cluster, record, false) : undefined;
    }),
  ),
  fc
    .integer({ min: -3, max: 3 })
    .map((delta) => command(`count ${delta}`, ({ cluster }) => the.countAnonymously(cluster, delta))),
  fc
    .nat({ max: 4 })
    .map((counter) =>
      command(`set ${counter}`, ({ cluster }) => the.countAnonymously(cluster, counter - cluster.status.counter)),
    ),
];

/** All calls end, the caches sync, and everything is folded and deleted that is to be. */
function settle(real: Real): void {
  for (let call = openCalls(real)[0]; call; call = openCalls(real)[0]) real.cluster = proceed(real, call, false);
  let before: the.Cluster;
  do {
    before = real.cluster;
    const kept = the.deleteRetired(before, 0) ?? before;
    const fresh = the.sync(kept, 0);
    real.cluster = the.foldCached(fresh, 0) ?? kept;
    expect(the.violation(real.cluster)).toBeUndefined();
  } while (real.cluster !== before);
}

it('after any history, when all is quiet, the counter is the anonymous balance and what workers have outstanding', () => {
  fc.assert(
    fc.property(fc.commands(commands, { maxCommands: 60, size: 'max' }), (history) => {
      const real: Real = { cluster: the.newCluster(OPERATORS.length), calls: [] };
      fc.modelRun(() => ({ model: {}, real }), history);
      settle(real);
      expect(the.miscount(real.cluster)).toBeUndefined();
      // Of a record that was deleted by hand before it was counted, nothing tells.
      const isKept = ({ operation, recorded = 0 }: Call) =>
        the.versionOf(the.recordOf(real.cluster, operation.worker)) >= recorded;
      const isAwaited = ({ recorded = 0 }: Call) => recorded > the.countedRevision(real.cluster);
      const awaited = real.calls.filter((call) => isAwaited(call) && isKept(call));
      expect(awaited).toEqual([]);
    }),
    { numRuns: 500 },
  );
});
