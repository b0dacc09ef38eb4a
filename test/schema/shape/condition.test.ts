import { type Condition, MAX_CONDITIONS, setCondition } from '@konductor/schema';
import { describe, expect, it } from 'vitest';
import { deepFreeze } from '../wait-groups.ts';

const EARLIER = '2026-01-01T00:00:00Z';
const LATER = '2026-01-02T00:00:00Z';
const condition = (type: string, fields: Partial<Condition> = {}): Condition => ({
  type,
  status: 'True',
  reason: 'Because',
  message: 'It is so.',
  lastTransitionTime: EARLIER,
  ...fields,
});

describe('setCondition', () => {
  it('appends a type that is not there yet', () => {
    const failed = condition('Failed');
    expect(setCondition([failed], condition('Done'))).toEqual([failed, condition('Done')]);
  });

  it('makes room in a list that is full of other types', () => {
    const full = Array.from({ length: MAX_CONDITIONS }, (_, index) => condition(`T${index}`));
    expect(setCondition(full, condition('Done'))).toEqual([...full.slice(0, -1), condition('Done')]);
  });

  it('puts one of a known type in its place, beside the others', () => {
    const before = [condition('A'), condition('Done'), condition('B')];
    const after = setCondition(before, condition('Done', { reason: 'Other' }));
    expect(after).toEqual([condition('A'), condition('Done', { reason: 'Other' }), condition('B')]);
  });

  it.each<[string, Condition['status'], string]>([
    ['keeps lastTransitionTime while the status stays', 'True', EARLIER],
    ['moves lastTransitionTime when the status changes', 'False', LATER],
    ['moves lastTransitionTime when the status becomes unknown', 'Unknown', LATER],
  ])('%s', (_title, status, lastTransitionTime) => {
    const next = condition('Done', { status, message: 'New.', lastTransitionTime: LATER });
    expect(setCondition([condition('Done')], next)).toEqual([{ ...next, lastTransitionTime }]);
  });

  it('leaves the list that it was given as it was', () => {
    const before = deepFreeze([condition('Done')]);
    expect(() => setCondition(before, condition('Done', { status: 'False' }))).not.toThrow();
  });
});
