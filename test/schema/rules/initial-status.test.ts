import { currentStatus, initialStatus, isCompleted, MAX_COUNTER } from '@konductor/schema';
import { describe, expect, it } from 'vitest';
import { buildStatus, buildWaitGroup, CREATED } from '../wait-groups.ts';

describe('the initial status', () => {
  it('is Done for a group that was never added to, with the reason NeverUsed', () => {
    expect(initialStatus(buildWaitGroup())).toEqual({
      counter: 0,
      added: 0,
      completions: 0,
      addedAtCompletion: 0,
      phase: 'Done',
      recentOperations: [],
      conditions: [
        {
          type: 'Done',
          status: 'True',
          reason: 'NeverUsed',
          message: 'No work has been added.',
          lastTransitionTime: CREATED,
        },
      ],
    });
  });

  it.each([1, 3, MAX_COUNTER])('is Waiting with spec.initialCount %d, which counts as added', (initialCount) => {
    const status = initialStatus(buildWaitGroup({ spec: { initialCount } }));
    expect(status).toMatchObject({ counter: initialCount, added: initialCount, completions: 0, phase: 'Waiting' });
    expect(status.conditions).toMatchObject([{ type: 'Done', status: 'False', reason: 'Outstanding' }]);
  });

  it('is that of an unused group with spec.initialCount 0, and without any spec', () => {
    const unused = initialStatus(buildWaitGroup());
    expect(initialStatus(buildWaitGroup({ spec: { initialCount: 0 } }))).toEqual(unused);
    const { spec, ...bare } = buildWaitGroup();
    expect(initialStatus(bare)).toEqual(unused);
  });

  it('depends on the object alone, so that all first writers write the same bytes', () => {
    const group = buildWaitGroup({ spec: { initialCount: 2 } });
    expect(JSON.stringify(initialStatus(group))).toBe(JSON.stringify(initialStatus(structuredClone(group))));
  });
});

describe('the current status', () => {
  it('is the stored one, as it is', () => {
    const status = { counter: 3, phase: 'Waiting' as const };
    expect(currentStatus(buildWaitGroup({ status }))).toBe(status);
  });

  it('is the initial one while none is stored', () => {
    const group = buildWaitGroup({ spec: { initialCount: 2 } });
    expect(currentStatus(group)).toEqual(initialStatus(group));
  });
});

describe('isCompleted', () => {
  it.each([
    ['work is outstanding', { counter: 1, added: 1 }, false],
    ['nothing was ever added', { counter: 0, added: 0 }, false],
    ['all that was added is done', { counter: 0, added: 1, completions: 1 }, true],
    ['the counter fell to zero from one that was set by hand', { counter: 0, added: 0, completions: 1 }, true],
  ])('when %s: %j is %s', (_when, fields, expected) => {
    expect(isCompleted(buildStatus(fields))).toBe(expected);
  });
});
