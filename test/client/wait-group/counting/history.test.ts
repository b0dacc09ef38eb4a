import { annotateOperation, type WaitGroup } from '@konductor/schema';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GoneError } from '../../../../client/src/core/errors.ts';
import { reachesBackTo, stateReachingBackTo } from '../../../../client/src/wait-group/counting/history.ts';

/** The group after its nth change, which was made at revision `at[n]`. */
function stateAfter(at: readonly number[], n: number): WaitGroup {
  const made = at.slice(0, n + 1).map((revision) => ({ id: `op-${revision}`, delta: 1, by: 'x', at: 't' }));
  return {
    apiVersion: 'konductor.io/v1',
    kind: 'WaitGroup',
    metadata: { name: 'batch', namespace: 'default', resourceVersion: String(at[n]) },
    status: { counter: n, phase: 'Waiting', recentOperations: made.reverse().slice(0, 16) },
  } as unknown as WaitGroup;
}

const history = fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 3, maxLength: 120 }).map((gaps) => {
  let revision = 1_000;
  return gaps.map((gap) => (revision += gap));
});
const stateAt = (at: readonly number[], revision: string) =>
  stateAfter(
    at,
    at.findLastIndex((own) => own <= Number(revision)),
  );

describe('the recent operations of a group', () => {
  const at = Array.from({ length: 40 }, (_, n) => n);
  const unwritten: WaitGroup = { ...stateAfter(at, 0), status: undefined };
  const annotations = annotateOperation({ id: 'op-0', by: 'x' });
  const created = { ...unwritten, metadata: { ...unwritten.metadata, annotations }, spec: { initialCount: 1 } };
  it.each<[string, WaitGroup, WaitGroup, boolean]>([
    ['reach back to a base whose newest one is the last of them', stateAfter(at, 5), stateAfter(at, 20), true],
    ['do not reach back to a base whose newest one has been pushed off', stateAfter(at, 4), stateAfter(at, 20), false],
    ['reach back to a base without any while they are fewer than 16', unwritten, stateAfter(at, 14), true],
    ['do not reach back to a base without any once they are 16', unwritten, stateAfter(at, 15), false],
    ['reach back to a base that nobody has written since', unwritten, unwritten, true],
    ['reach back to the operation that created a base without any', created, stateAfter(at, 15), true],
    ['do not reach back to that operation once it has been pushed off', created, stateAfter(at, 16), false],
  ])('%s', (_, base, now, reaches) => {
    expect(reachesBackTo(base, now)).toBe(reaches);
  });
});

describe("the search in a group's history", () => {
  it('finds a state that reaches back to the base, in as many reads as the revisions have bits', async () => {
    await fc.assert(
      fc.asyncProperty(history, async (at) => {
        const last = at.length - 1;
        let reads = 0;
        const found = await stateReachingBackTo(stateAfter(at, 0), stateAfter(at, last), async (revision) => {
          reads++;
          return stateAt(at, revision);
        });
        const span = (at[last] ?? 0) - (at[0] ?? 0);
        expect(reads).toBeLessThanOrEqual(Math.ceil(Math.log2(span)) + 1);
        expect(found && reachesBackTo(stateAfter(at, 0), found)).toBe(true);
        expect(Number(found?.metadata.resourceVersion)).toBeGreaterThan(at[0] ?? 0);
      }),
    );
  });

  it('finds it even if everything before the first change is compacted, and nothing if that change is', async () => {
    const at = Array.from({ length: 40 }, (_, n) => 10 + n * 3);
    const search = (compactedAt: number) =>
      stateReachingBackTo(stateAfter(at, 0), stateAfter(at, 39), async (revision) => {
        if (Number(revision) < compactedAt) throw new GoneError(410, {});
        return stateAt(at, revision);
      });
    expect(await search(13)).toBeDefined();
    expect(await search(100)).toBeUndefined();
  });
});
