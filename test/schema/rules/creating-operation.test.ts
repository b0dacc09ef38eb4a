import {
  annotateOperation,
  applyOperation,
  creatingOperation,
  creatingOperationId,
  findOperation,
  initialStatus,
  isCreatedBy,
  isRecorded,
  MAX_CLIENT_NAME,
  MAX_OPERATION_ID,
  MAX_RECENT_OPERATIONS,
  operationAnnotations,
  type WaitGroup,
} from '@konductor/schema';
import { describe, expect, it } from 'vitest';
import { buildOperation, buildStatus, buildWaitGroup, NOW } from '../wait-groups.ts';

const annotated = (annotations: object, initialCount = 3): WaitGroup =>
  buildWaitGroup({ metadata: { annotations: annotations as Record<string, string> }, spec: { initialCount } });
const ANNOTATIONS = annotateOperation({ id: 'op-0', by: 'coordinator' });
const RECORD = { id: 'op-0', delta: 3, by: 'coordinator', at: '2026-01-02T03:04:05.000Z' };

describe('the operation that created a WaitGroup', () => {
  it('is named by annotations that people can read', () => {
    expect(ANNOTATIONS).toEqual({ 'konductor.io/operation-id': 'op-0', 'konductor.io/by': 'coordinator' });
  });

  it('is the first record of the initial status, with the initial count and the time of the creation', () => {
    expect(initialStatus(annotated(ANNOTATIONS))).toMatchObject({ counter: 3, added: 3, recentOperations: [RECORD] });
  });

  it('is recorded below the operations that come after it', () => {
    const { status } = applyOperation(annotated(ANNOTATIONS), buildOperation(-1), NOW);
    expect(status).toMatchObject({ counter: 2, added: 3, recentOperations: [{ id: 'op-1' }, RECORD] });
  });

  it('names the worker that created it with its own work', () => {
    const group = annotated(annotateOperation({ id: creatingOperationId('web-1'), by: 'coordinator' }), 1);
    expect([isCreatedBy(group, 'web-1'), isCreatedBy(group, 'web-2')]).toEqual([true, false]);
    expect(isCreatedBy(annotated(ANNOTATIONS), 'web-1')).toBe(false);
  });

  it.each<[string, object, number?]>([
    ['there are no annotations', {}],
    ['the annotations are no object', null as unknown as object],
    ['nothing was counted', ANNOTATIONS, 0],
    ['the ID is empty', { ...ANNOTATIONS, 'konductor.io/operation-id': '' }],
    ['the ID is too long', { ...ANNOTATIONS, 'konductor.io/operation-id': 'x'.repeat(MAX_OPERATION_ID + 1) }],
    ['the ID has control characters', { ...ANNOTATIONS, 'konductor.io/operation-id': 'a\nb' }],
    ['the ID is not ASCII', { ...ANNOTATIONS, 'konductor.io/operation-id': 'größe' }],
    ['the ID is no text', { ...ANNOTATIONS, 'konductor.io/operation-id': 5 }],
  ])('is unknown when %s', (_, annotations, initialCount) => {
    expect(creatingOperation(annotated(annotations, initialCount))).toBeUndefined();
    expect(initialStatus(annotated(annotations, initialCount)).recentOperations).toEqual([]);
  });

  it.each<[string, unknown]>([
    ['missing', undefined],
    ['too long', 'x'.repeat(MAX_CLIENT_NAME + 1)],
    ['full of control characters', 'a\u001b[31m'],
    ['no text', ['a']],
  ])('is recorded without the name of its client when that is %s', (_, by) => {
    expect(creatingOperation(annotated({ ...ANNOTATIONS, 'konductor.io/by': by }))).toEqual({ ...RECORD, by: '' });
  });

  it('leaves the same record in a copy that has only its own annotations', () => {
    for (const by of ['coordinator', 'a\n', 'x'.repeat(300), undefined]) {
      const group = annotated({ ...ANNOTATIONS, 'konductor.io/by': by, other: 'y'.repeat(9_999) });
      const copy = annotated(operationAnnotations(group.metadata) ?? {});
      expect(JSON.stringify(initialStatus(copy))).toBe(JSON.stringify(initialStatus(group)));
    }
  });
});

describe('finding an operation', () => {
  const others = Array.from({ length: MAX_RECENT_OPERATIONS }, (_, n) => ({ ...RECORD, id: `later-${n}` }));
  const later = { ...annotated(ANNOTATIONS), status: buildStatus({ recentOperations: others }) };

  it('finds the one that created the WaitGroup before the first status is written', () => {
    expect(findOperation(annotated(ANNOTATIONS), 'op-0')).toEqual(RECORD);
    expect(isRecorded(annotated(ANNOTATIONS), 'op-0')).toBe(true);
  });

  it('finds it also when 16 others came after it, although it is no longer recorded', () => {
    expect(findOperation(later, 'op-0')).toEqual(RECORD);
    expect(isRecorded(later, 'op-0')).toBe(false);
  });

  it('finds those that are recorded, and no other', () => {
    expect(findOperation(later, 'later-15')).toEqual(others[15]);
    expect(findOperation(later, 'op-1')).toBeUndefined();
  });
});
