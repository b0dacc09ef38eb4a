// Finds WaitGroups that can never be done because the workers of each wait for another one of them. Workers and waiters are
// noted as charts declare them, and checked at synthesis.
import type { ApiObject } from 'cdk8s';
import type { IConstruct } from 'constructs';
import type { Group } from './participants.ts';
import { describe } from './workload.ts';

/** A WaitGroup of the cluster, which several constructs may refer to. */
interface Node {
  readonly name: string;
  readonly workers: Set<ApiObject>;
  /** Whether the app creates it; nothing is known about the workers of others. */
  isMade?: boolean;
  /** Whether accounts other than those of the workers may count on it. */
  isOpen?: boolean;
}

interface Step {
  readonly from: Node;
  readonly worker: ApiObject;
  readonly to: Node;
}

/** The WaitGroups of each app. */
const graphs = new WeakMap<IConstruct, Map<string, Node>>();
const awaited = new WeakMap<ApiObject, Set<Node>>();

export function noteMade(group: Group): void {
  nodeOf(group).isMade = true;
}

export function noteOpen(group: Group): void {
  nodeOf(group).isOpen = true;
}

export function noteWorker(group: Group, workload: ApiObject): void {
  nodeOf(group).workers.add(workload);
}

export function noteWaiter(group: Group, workload: ApiObject): void {
  awaited.set(workload, (awaited.get(workload) ?? new Set()).add(nodeOf(group)));
}

/** Describes the ring that a WaitGroup is part of, if any. Only the first WaitGroup of a ring reports it. */
export function deadlockOf(group: Group): string[] {
  const nodes = [...graphOf(group).values()];
  const stuck = stuckAmong(nodes);
  const ring = ringFrom(nodeOf(group), stuck);
  const first = nodes.find((node) => ring.some(({ from }) => from === node));
  if (first !== nodeOf(group)) return [];
  const steps = ring.map(
    ({ from, worker, to }) => `${describe(worker)} works for ${from.name} and waits for ${to.name}`,
  );
  return [`WaitGroup ${group.name} would never be done: ${steps.join(', ')}; remove one waitFor`];
}

/** What remains after WaitGroups with a worker that can start are removed repeatedly. */
function stuckAmong(nodes: readonly Node[]): ReadonlySet<Node> {
  const stuck = new Set(nodes.filter(({ isMade, isOpen, workers }) => isMade && !isOpen && workers.size > 0));
  for (let before = -1; before !== stuck.size; ) {
    before = stuck.size;
    for (const node of stuck) if (![...node.workers].every((worker) => waitsFor(worker, stuck))) stuck.delete(node);
  }
  return stuck;
}

function waitsFor(worker: ApiObject, stuck: ReadonlySet<Node>): Node | undefined {
  return [...(awaited.get(worker) ?? [])].find((node) => stuck.has(node));
}

/** Empty if following the workers does not lead back to the start. */
function ringFrom(start: Node, stuck: ReadonlySet<Node>): Step[] {
  const steps: Step[] = [];
  let from: Node | undefined = stuck.has(start) ? start : undefined;
  while (from !== undefined && !steps.some((step) => step.from === from)) {
    const [worker]: ApiObject[] = [...from.workers];
    const to: Node | undefined = worker && waitsFor(worker, stuck);
    if (worker && to) steps.push({ from, worker, to });
    from = to;
  }
  return from === start ? steps : [];
}

function nodeOf(group: Group): Node {
  const { name, namespace = '' } = group;
  const graph = graphOf(group);
  const key = `${namespace}/${name}`;
  const node = graph.get(key) ?? { name, workers: new Set() };
  graph.set(key, node);
  return node;
}

function graphOf({ node: { root } }: Group): Map<string, Node> {
  const graph = graphs.get(root) ?? new Map<string, Node>();
  graphs.set(root, graph);
  return graph;
}
