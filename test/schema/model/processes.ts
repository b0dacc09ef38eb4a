// Processes that work for the WaitGroup of a cluster in miniature: every way in which their requests, the caches of operators and the
// operators' folds can follow each other.
import type { PodReference, WorkerOperation, WorkerStep } from '@konductor/schema';
import * as the from './cluster.ts';
import { idOf, type Model, type Step } from './search.ts';

/** What a process does, one after the other. */
export type Action =
  | { readonly does: WorkerOperation['kind']; readonly worker: string; readonly pod?: PodReference }
  /** Changes the counter without an identity. */
  | { readonly does: 'count'; readonly delta: number }
  /** Waits until another process has finished so many actions. */
  | { readonly does: 'await'; readonly process: number; readonly actions: number }
  /** Deletes a record by hand. */
  | { readonly does: 'delete'; readonly worker: string };

export interface Scenario {
  readonly processes: readonly (readonly Action[])[];
  readonly operators?: number;
  /** How many responses each process may lose. */
  readonly lost?: number;
  /** How often an operator may start again, from an older list. */
  readonly restarts?: number;
}

interface Process {
  /** The index of the present action. */
  readonly action: number;
  readonly lost: number;
  /** The round, once the WaitGroup was read. */
  readonly round?: number;
  /** What is to be written, to the record of this version. */
  readonly send?: { readonly step: WorkerStep; readonly base: number };
  /** The version that must be counted before the action returns. */
  readonly awaits?: number;
}

interface State {
  readonly cluster: the.Cluster;
  readonly processes: readonly Process[];
  readonly restarts: number;
}

type Next = Step<Pick<State, 'cluster'> & { readonly process: Process }>;

export function modelOf(scenario: Scenario, rule = the.foldRule): Model<State> {
  const { processes: scripts, operators = 1, lost = 0, restarts = 0 } = scenario;
  const cluster = the.newCluster(operators);
  return {
    start: { cluster, restarts, processes: scripts.map(() => ({ action: 0, lost })) },
    *steps(state) {
      yield* operatorSteps(state, rule);
      for (const [index, script] of scripts.entries())
        for (const { name, state: next } of processSteps(state, index, script)) {
          const processes = state.processes.with(index, next.process);
          yield { name: `process ${index} ${name}`, state: { ...state, cluster: next.cluster, processes } };
        }
    },
    key: keyOf,
    violation: ({ cluster, processes }, isQuiet) => {
      const isStuck = processes.some(({ action }, index) => scripts[index]?.[action] !== undefined);
      if (isQuiet && isStuck) return 'a process is stuck';
      return the.violation(cluster) ?? (isQuiet ? the.miscount(cluster) : undefined);
    },
  };
}

function* operatorSteps(state: State, rule: the.FoldRule): Iterable<Step<State>> {
  const { cluster, restarts } = state;
  for (const [operator, revision] of cluster.caches.entries()) {
    const name = `operator ${operator}`;
    if (revision < the.revisionOf(cluster))
      yield { name: `${name} syncs`, state: { ...state, cluster: the.sync(cluster, operator, revision + 1) } };
    const folded = the.foldCached(cluster, operator, rule);
    if (folded) yield { name: `${name} folds ${revision}`, state: { ...state, cluster: folded } };
    for (let older = 0; restarts > 0 && older < revision; older++) {
      const restarted = { ...state, cluster: the.sync(cluster, operator, older), restarts: restarts - 1 };
      yield { name: `${name} restarts from ${older}`, state: restarted };
    }
  }
}

function* processSteps({ cluster, processes }: State, index: number, script: readonly Action[]): Iterable<Next> {
  const process = processes[index];
  const action = process && script[process.action];
  if (process === undefined || action === undefined) return;
  const { lost } = process;
  const next = { action: process.action + 1, lost };
  switch (action.does) {
    case 'count': {
      const counted = the.countAnonymously(cluster, action.delta);
      if (counted) yield { name: `counts ${action.delta}`, state: { cluster: counted, process: next } };
      return;
    }
    case 'await': {
      const isOver = (processes[action.process]?.action ?? 0) >= action.actions;
      if (isOver) yield { name: 'begins', state: { cluster, process: next } };
      return;
    }
    case 'delete': {
      const record = the.recordOf(cluster, action.worker);
      if (record) yield { name: 'deletes', state: { cluster: the.remove(cluster, record, false), process: next } };
      return;
    }
    default:
      yield* requests(cluster, process, { ...action, id: `${index}.${process.action}` });
  }
}

interface Request {
  readonly does: WorkerOperation['kind'];
  readonly worker: string;
  readonly pod?: PodReference;
  readonly id: string;
}

/** The next request of a process that changes a record: read the WaitGroup, read the record, write it, await the fold. */
function* requests(cluster: the.Cluster, process: Process, { does, worker, pod, id }: Request): Iterable<Next> {
  const { action, lost, round, send, awaits } = process;
  const finished = { action: action + 1, lost };
  const isAdd = does === 'add' || does === 'start';
  const recorded = (version: number): Process => (isAdd ? { action, lost, awaits: version } : finished);
  const record = the.recordOf(cluster, worker);
  if (awaits !== undefined) {
    if (the.countedRevision(cluster) >= awaits)
      yield { name: `${does}: returns`, state: { cluster, process: finished } };
  } else if (round === undefined) {
    const read = { action, lost, round: the.roundOf(cluster) };
    yield { name: `${does}: reads round ${read.round}`, state: { cluster, process: read } };
  } else if (send === undefined) {
    const step = the.decide(cluster, { kind: does, id, worker, pod, round });
    const base = the.versionOf(record);
    const decided = step.kind === 'none' ? recorded(base) : { action, lost, round, send: { step, base } };
    yield { name: `${does}: reads the record: ${step.kind}`, state: { cluster, process: decided } };
  } else if (the.versionOf(record) !== send.base) {
    yield { name: `${does}: conflict`, state: { cluster, process: { action, lost, round } } };
  } else {
    const written = the.write(cluster, send.step);
    yield { name: `${does}: writes`, state: { cluster: written, process: recorded(the.revisionOf(written)) } };
    const retried = { action, lost: lost - 1, round };
    if (lost > 0) yield { name: `${does}: writes, response lost`, state: { cluster: written, process: retried } };
  }
}

function keyOf({ cluster, processes, restarts }: State): string {
  // Without a restart, no operator returns to what is older than its cache.
  const oldest = restarts > 0 ? 0 : Math.min(...cluster.caches);
  const ids = cluster.history.slice(oldest).map(idOf);
  const requests = processes.map(({ action, lost, round, send, awaits }) => [action, lost, round, send?.base, awaits]);
  return [idOf(cluster.status), oldest, ids, cluster.caches, restarts, requests.join(';')].join('|');
}
