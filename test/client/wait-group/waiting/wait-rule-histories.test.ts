import { applyOperation, currentStatus, type WaitGroup } from '@konductor/schema';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { observe, type WaitRule, type WaitState } from '../../../../client/src/wait-group/waiting/wait-rule.ts';

/** A round as the model knows it; the numbers are those of the states in which it failed and ended. */
interface Round {
  failedAt: number;
  endedAt: number;
  added: number;
}

interface Change {
  readonly delta: number;
  readonly isFailure: boolean;
}

/** A group, state by state, with the rounds that it went through. */
class History {
  readonly states: WaitGroup[];
  readonly rounds: Round[] = [];
  /** Of each state: the number of its round; -1 before the first. */
  readonly roundOf: number[] = [];

  constructor(initialCount: number, changes: readonly Change[]) {
    const metadata = { name: 'batch', uid: 'first' };
    this.states = [{ apiVersion: 'konductor.io/v1', kind: 'WaitGroup', metadata, spec: { initialCount } }];
    if (initialCount > 0) this.#begin();
    this.roundOf.push(this.rounds.length - 1);
    for (const change of changes) this.#apply(change);
  }

  counterOf(state: number): number {
    return currentStatus(this.states[state] as WaitGroup).counter;
  }

  #apply({ delta, isFailure }: Change): void {
    const now = this.states.length;
    const before = this.states.at(-1) as WaitGroup;
    const failure = isFailure ? { reason: 'WorkerFailed', message: 'disk full' } : undefined;
    const operation = { id: `operation-${now}`, by: 'worker', deltas: [delta], failure };
    const { status } = applyOperation(before, operation, new Date(0));
    if (!status) return;
    this.states.push({ ...before, status });
    if (this.counterOf(now - 1) === 0) this.#begin();
    const round = this.rounds.at(-1) as Round;
    if (isFailure) round.failedAt = Math.min(round.failedAt, now);
    if (status.counter === 0) Object.assign(round, { endedAt: now, added: status.added });
    this.roundOf.push(this.rounds.length - 1);
  }

  #begin(): void {
    this.rounds.push({ failedAt: Number.POSITIVE_INFINITY, endedAt: Number.POSITIVE_INFINITY, added: 0 });
  }
}

/** Whether a verdict at a state is right for a wait that began at another. */
function isRight(
  history: History,
  { begin, now, minAdded }: { begin: number; now: number; minAdded: number },
  kind: string,
) {
  const first = history.roundOf[begin] as number;
  const isOver = history.counterOf(begin) === 0;
  // A round that was over when the wait began is waited for only if it is the last one that is needed.
  const isPast = isOver && first >= 0 && (history.rounds[first] as Round).added < minAdded;
  const since = history.rounds.slice(isPast ? first + 1 : Math.max(first, 0));
  const waitedFor = since.findIndex(({ endedAt, added }) => endedAt <= now && added >= minAdded);
  const hasFailed = ({ failedAt }: Round) => failedAt <= now;
  const isUnused = history.counterOf(begin) === 0 && first < 0 && minAdded === 0;
  if (kind === 'failed') return since.some(hasFailed);
  if (kind === 'done') return isUnused || (waitedFor >= 0 && !since.slice(0, waitedFor + 1).some(hasFailed));
  return !since.some(hasFailed) && waitedFor < 0 && !isUnused;
}

describe('a wait that sees some of the states of any history', () => {
  const change = fc.record({
    delta: fc.constantFrom(-3, -2, -2, -1, -1, 0, 1, 2),
    isFailure: fc.constantFrom(false, false, true),
  });
  const histories = fc
    .tuple(fc.integer({ min: 0, max: 2 }), fc.array(change, { maxLength: 20 }))
    .map(([initialCount, changes]) => new History(initialCount, changes));
  const waits = histories.chain((history) =>
    fc.record({
      history: fc.constant(history),
      seen: fc.subarray([...history.states.keys()], { minLength: 1 }),
      minAdded: fc.constantFrom(0, 0, 2, 4),
    }),
  );

  function firstWrong(
    { history, seen, minAdded }: { history: History; seen: number[]; minAdded: number },
    rule: WaitRule,
  ) {
    let state: WaitState | undefined;
    for (const now of seen) {
      const looked = observe(state, { type: 'MODIFIED', object: history.states[now] as WaitGroup }, rule);
      state = looked.state;
      const { kind } = looked.verdict;
      if (!isRight(history, { begin: seen[0] as number, now, minAdded }, kind)) return { now, kind };
      if (kind !== 'pending') return undefined;
    }
    return undefined;
  }

  it('never succeeds when its round failed, never fails when none did since it began, and never sleeps past either', () => {
    fc.assert(
      fc.property(waits, (wait) => {
        expect(firstWrong(wait, { minAdded: wait.minAdded })).toBeUndefined();
      }),
      { numRuns: 2_000 },
    );
  });

  it('goes by the counter alone with ignoreFailure', () => {
    const kindsOf = (states: readonly WaitGroup[], rule: WaitRule) => {
      let state: WaitState | undefined;
      return states.map((object) => {
        const looked = observe(state, { type: 'MODIFIED', object }, rule);
        state = looked.state;
        return looked.verdict.kind;
      });
    };
    fc.assert(
      fc.property(waits, ({ history, seen, minAdded }) => {
        const states = seen.map((index) => history.states[index] as WaitGroup);
        const unfailed = states.map((state) => {
          const { outcome: _o, failure: _f, failures: _n, ...status } = currentStatus(state);
          return { ...state, status };
        });
        expect(kindsOf(states, { minAdded, ignoreFailure: true })).toEqual(kindsOf(unfailed, { minAdded }));
      }),
    );
  });
});
