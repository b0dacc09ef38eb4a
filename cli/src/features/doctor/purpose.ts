// What a caller wants to do with WaitGroups. It loads nothing: the command line declares the values.

/** Each purpose includes those before it. */
export const PURPOSES = ['wait', 'work', 'manage'] as const;
/** The purpose that permissions are checked for. */
export type Purpose = (typeof PURPOSES)[number];
