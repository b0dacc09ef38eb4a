// The maximal values of the fields of a WaitGroup.

export const MAX_COUNTER = 2_147_483_647;
/** The largest integer that JavaScript reads exactly. */
export const MAX_TOTAL = Number.MAX_SAFE_INTEGER;
export const MAX_RECENT_OPERATIONS = 16;
export const MAX_CONDITIONS = 8;
export const MAX_OPERATION_ID = 128;
/** The longest name of a pod. */
export const MAX_CLIENT_NAME = 253;

/** Printable ASCII, which takes one byte per character everywhere. */
export const PRINTABLE: RegExp = /^[ -~]*$/;
