// The largest status that the CRD accepts: every text and list at its bound, with the longest characters that it may have.
import { MAX_CONDITIONS, MAX_RECENT_OPERATIONS, MAX_RETIRING, WaitGroupStatus } from '@konductor/schema';

interface Bounds {
  readonly maxLength?: number;
  readonly pattern?: string;
}

type Fields = { readonly properties: Readonly<Record<string, Bounds>> };
const { recentOperations, conditions, failure, workers } = WaitGroupStatus.properties as unknown as {
  readonly recentOperations: { readonly items: Fields };
  readonly conditions: { readonly items: Fields };
  readonly failure: Fields;
  readonly workers: { readonly properties: { readonly retiring: { readonly items: Fields } } };
};
const TIME = '2026-01-02T03:04:05.123456789+00:00';

/** 4 bytes for each character, unless a pattern allows ASCII only. */
function longest({ properties }: Fields, field: string): string {
  const { maxLength = 0, pattern } = properties[field] as Bounds;
  return (pattern === undefined ? '😀' : 'x').repeat(maxLength);
}

/** Without outstanding work, which would hold the counter. */
function worstWorkers() {
  const most = Number.MAX_SAFE_INTEGER;
  const { items } = workers.properties.retiring;
  const name = longest(items, 'name').slice(2);
  const entry = {
    uid: longest(items, 'uid'),
    resourceVersion: '9'.repeat(20),
    added: most,
    done: most,
    borrowed: most,
  };
  return {
    ...{ active: most, done: most, failed: most, lost: most, added: most, finished: most, borrowed: most },
    revision: '9'.repeat(20),
    retiring: Array.from({ length: MAX_RETIRING }, (_, index) => ({ name: `${10 + index}${name}`, ...entry })),
  };
}

/** `counter` above zero: one of 0 would be completed by the operator. */
export function worstStatus() {
  const operation = { delta: -2_147_483_647, by: longest(recentOperations.items, 'by'), at: TIME };
  const condition = {
    status: 'Unknown',
    reason: longest(conditions.items, 'reason'),
    message: longest(conditions.items, 'message'),
    lastTransitionTime: TIME,
    observedGeneration: Number.MAX_SAFE_INTEGER,
  };
  const type = longest(conditions.items, 'type').slice(1);
  return {
    counter: 2_147_483_647,
    phase: 'Waiting',
    added: 4_294_967_294,
    completions: 4_294_967_294,
    addedAtCompletion: 4_294_967_294,
    outcome: 'Failed',
    failure: {
      reason: longest(failure, 'reason'),
      message: longest(failure, 'message'),
      worker: longest(failure, 'worker'),
      at: TIME,
    },
    failures: 4_294_967_294,
    startedAt: TIME,
    failedAt: TIME,
    recentOperations: Array.from({ length: MAX_RECENT_OPERATIONS }, (_, index) => ({
      id: index.toString(16) + longest(recentOperations.items, 'id').slice(1),
      ...operation,
    })),
    workers: worstWorkers(),
    conditions: Array.from({ length: MAX_CONDITIONS }, (_, index) => ({ type: `${index}${type}`, ...condition })),
    observedGeneration: Number.MAX_SAFE_INTEGER,
  } as const;
}
