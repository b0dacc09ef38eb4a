// Builds groups and statuses for tests: valid ones, with the fields that a test sets.
import {
  type CounterOperation,
  initialStatus,
  reflectCounter,
  type WaitGroup,
  type WaitGroupStatus,
} from '@konductor/schema';

export const CREATED = '2026-01-02T03:04:05Z';
export const NOW = new Date('2026-01-02T04:00:00.678Z');

export interface WaitGroupParts {
  readonly metadata?: Partial<WaitGroup['metadata']>;
  readonly spec?: WaitGroup['spec'];
  readonly status?: WaitGroupStatus;
}

/** Without a status unless one is given: a group that no client has written yet. */
export function buildWaitGroup({ metadata, spec = {}, status }: WaitGroupParts = {}): WaitGroup {
  return {
    apiVersion: 'konductor.io/v1',
    kind: 'WaitGroup',
    metadata: {
      name: 'batch',
      namespace: 'jobs',
      uid: 'uid-1',
      resourceVersion: '7',
      generation: 1,
      creationTimestamp: CREATED,
      ...metadata,
    },
    spec,
    ...(status ? { status } : {}),
  };
}

/** The initial status with these fields instead, and phase and the Done condition as they follow. */
export function buildStatus(fields: Partial<WaitGroupStatus> = {}): WaitGroupStatus {
  return reflectCounter({ ...initialStatus(buildWaitGroup()), ...fields }, new Date(CREATED));
}

export function buildOperation(...deltas: number[]): CounterOperation {
  return { id: 'op-1', by: 'worker-1', deltas };
}

/** Frozen to its last leaf, so that a rule that changes its input throws. */
export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(deepFreeze);
  return value;
}
