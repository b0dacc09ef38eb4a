// The arguments and flags that several verbs take.

/** The argument of verbs that act on one group. */
export const NAME = ['[name]', 'name of the WaitGroup (default: $KONDUCTOR_WAITGROUP)'] as const;
/** The argument of the verb that makes one; a name that is there already would not do. */
export const NEW_NAME = ['[new-name]', NAME[1]] as const;
/** The argument of verbs that act on several. */
export const NAMES = ['[names...]', 'names of WaitGroups (default: $KONDUCTOR_WAITGROUP)'] as const;
/** The flag of verbs that pick groups by their labels. */
export const SELECTOR = ['-l, --selector <labels>', 'those with these labels, such as app=x,tier!=y'] as const;
/** The flag of what looks at many. */
export const ALL_NAMESPACES = ['-A, --all-namespaces', 'those of all namespaces'] as const;
/** The flag of verbs that can go on showing. */
export const WATCH = ['-w, --watch', 'go on, and show each change until --timeout or Ctrl-C'] as const;
/** The flag of verbs that count. */
export const OPERATION_ID = [
  '--operation-id <id>',
  'counts once however often it is repeated, while it is among the last 16 changes',
] as const;
