// The largest status that the CRD accepts: every text and list at its bound, with the longest characters that it may have.
import { MAX_CONDITIONS, MAX_RECENT_OPERATIONS, waitGroupKind } from '@konductor/schema';

interface Bounds {
  readonly maxLength?: number;
  readonly pattern?: string;
}

const { recentOperations, conditions } = waitGroupKind.status.properties as unknown as {
  readonly recentOperations: { readonly items: { readonly properties: Readonly<Record<string, Bounds>> } };
  readonly conditions: { readonly items: { readonly properties: Readonly<Record<string, Bounds>> } };
};
const TIME = '2026-01-02T03:04:05.123456789+00:00';

/** 4 bytes for each character, unless a pattern allows ASCII only. */
function longest({ items }: typeof conditions, field: string): string {
  const { maxLength = 0, pattern } = items.properties[field] as Bounds;
  return (pattern === undefined ? '😀' : 'x').repeat(maxLength);
}

/** `counter` above zero: one of 0 would be completed by the operator. */
export function worstStatus() {
  const operation = { delta: -2_147_483_647, by: longest(recentOperations, 'by'), at: TIME };
  const condition = {
    status: 'Unknown',
    reason: longest(conditions, 'reason'),
    message: longest(conditions, 'message'),
    lastTransitionTime: TIME,
    observedGeneration: Number.MAX_SAFE_INTEGER,
  };
  const type = longest(conditions, 'type').slice(1);
  return {
    counter: 2_147_483_647,
    phase: 'Waiting',
    added: 4_294_967_294,
    completions: 4_294_967_294,
    addedAtCompletion: 4_294_967_294,
    recentOperations: Array.from({ length: MAX_RECENT_OPERATIONS }, (_, index) => ({
      id: index.toString(16) + longest(recentOperations, 'id').slice(1),
      ...operation,
    })),
    conditions: Array.from({ length: MAX_CONDITIONS }, (_, index) => ({ type: `${index}${type}`, ...condition })),
    observedGeneration: Number.MAX_SAFE_INTEGER,
  } as const;
}
