// Finds WaitGroups that can never be done because the workers of each wait for another one of them.
import type { ApiObject } from 'cdk8s';
import { type Declared, declaredBeside, declaredOf, type Work } from './declarations.ts';
import type { Group } from './participants.ts';
import { describe } from './workload.ts';

interface Step {
  readonly from: Declared;
  readonly worker: Work;
  readonly to: Declared;
}

/** Describes the ring that a WaitGroup is part of, if any. Only the first WaitGroup of a ring reports it. */
export function deadlockOf(group: Group): string[] {
  const all = declaredBeside(group);
  const own = declaredOf(group);
  const ring = ringFrom(own, stuckAmong(all));
  const first = all.find((one) => ring.some(({ from }) => from === one));
  if (first !== own) return [];
  const steps = ring.map(
    ({ from, worker: { object, isCounted }, to }) =>
      `${describe(object)} ${isCounted ? 'counts' : 'works'} for ${from.name} and waits for ${to.name}`,
  );
  return [`WaitGroup ${own.name} would never be done: ${steps.join(', ')}; remove one waitFor`];
}

/** What remains after WaitGroups with a worker that can start are removed repeatedly. */
function stuckAmong(all: readonly Declared[]): ReadonlySet<Declared> {
  const stuck = new Set(all.filter(isClosed));
  for (let before = -1; before !== stuck.size; ) {
    before = stuck.size;
    for (const one of stuck) if (!one.works.every(({ object }) => waitsFor(object, stuck))) stuck.delete(one);
  }
  return stuck;
}

/** Whether the app creates it, and no others than its workers may count on it. */
function isClosed({ makers, grants, works }: Declared): boolean {
  return makers.size > 0 && works.length > 0 && [...grants].every((purpose) => purpose === 'waiter');
}

/**
 * A wait with a minimum of 0 succeeds before anything has been added, so it cannot be part of a deadlock, unless a Job is counted
 * while it waits itself.
 */
function waitsFor(worker: ApiObject, stuck: ReadonlySet<Declared>): Declared | undefined {
  return [...stuck].find(({ works, waits }) => {
    const needsWork = works.some(({ isCounted, add }) => isCounted && add);
    return waits.some((wait) => wait.object === worker && (wait.needsWork || needsWork));
  });
}

/** Empty if following the workers does not lead back to the start. */
function ringFrom(start: Declared, stuck: ReadonlySet<Declared>): Step[] {
  const steps: Step[] = [];
  let from: Declared | undefined = stuck.has(start) ? start : undefined;
  while (from !== undefined && !steps.some((step) => step.from === from)) {
    const worker: Work | undefined = from.works[0];
    const to: Declared | undefined = worker && waitsFor(worker.object, stuck);
    if (worker && to) steps.push({ from, worker, to });
    from = to;
  }
  return from === start ? steps : [];
}
