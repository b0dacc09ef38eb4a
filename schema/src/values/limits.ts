// The maximal values of the fields of a WaitGroup.

export const MAX_COUNTER = 2_147_483_647;
/** The largest integer that JavaScript reads exactly. */
export const MAX_TOTAL = Number.MAX_SAFE_INTEGER;
export const MAX_RECENT_OPERATIONS = 16;
