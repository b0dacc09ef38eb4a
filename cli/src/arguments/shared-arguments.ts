// The arguments and flags that several verbs take.

/** The argument of verbs that act on one WaitGroup. */
export const NAME = ['[name]', 'name of the WaitGroup (default: $KONDUCTOR_WAITGROUP)'] as const;
/** The argument of the verb that creates one: completion does not offer existing names for it. */
export const NEW_NAME = ['[new-name]', NAME[1]] as const;
/** The argument of verbs that act on several. */
export const NAMES = ['[names...]', 'names of WaitGroups (default: $KONDUCTOR_WAITGROUP)'] as const;
/** The flag of verbs that select WaitGroups by labels. */
export const SELECTOR = ['-l, --selector <labels>', 'label selector, such as app=x,tier!=y'] as const;
/** The flag of commands that show many. */
export const ALL_NAMESPACES = ['-A, --all-namespaces', 'all namespaces'] as const;
/** The flag of verbs that can keep showing changes. */
export const WATCH = ['-w, --watch', 'watch for changes until --timeout or Ctrl-C'] as const;
/** The flag of verbs that change the counter. */
export const OPERATION_ID = [
  '--operation-id <id>',
  'makes a retry of this command safe: it is counted once while its ID is among the last 16 changes of the WaitGroup',
] as const;
