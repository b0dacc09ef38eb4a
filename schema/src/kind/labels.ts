// The labels and annotations by which workloads count and wait that know nothing of WaitGroups.

/** The label of the pods of workers, which the operator watches; its value is the name of their WaitGroup. */
export const WAIT_GROUP_LABEL = 'konductor.io/waitgroup';

/** The label of a Job that is a worker of the WaitGroup that its value names. */
export const COUNTS_FOR_LABEL = 'konductor.io/counts-for';
/** With `"false"` on such a Job, its work was added by another process. */
export const ADD_ANNOTATION = 'konductor.io/add';

/** The label of a Job or pod that is held until the WaitGroup that its value names is done. */
export const AFTER_LABEL = 'konductor.io/after';
/** The scheduling gate that holds a pod, and the entry that holds a Job in {@link KUEUE_GATES_ANNOTATION}. */
export const HOLD_GATE = 'konductor.io/after';
/** On a held object: how much must have been added in total before the WaitGroup is done, such as `"3"`. */
export const MIN_ADDED_ANNOTATION = 'konductor.io/min-added';
/** Unless the annotation says otherwise, a WaitGroup to which nothing was ever added holds: its workers may be yet to come. */
export const DEFAULT_HELD_MIN_ADDED = 1;
/** On a held object: with `release`, it is let go when the round fails. */
export const ON_FAILURE_ANNOTATION = 'konductor.io/on-failure';
/** On a held object: with `release`, it is let go if there is no such WaitGroup. */
export const ON_MISSING_ANNOTATION = 'konductor.io/on-missing';
/** When the operator let a Job go, in RFC 3339: it does so once in the life of a Job. */
export const RELEASED_AT_ANNOTATION = 'konductor.io/released-at';
/** The annotation of Kueue with the comma-separated names of those that hold a Job. */
export const KUEUE_GATES_ANNOTATION = 'kueue.x-k8s.io/admission-gated-by';
/** The label of the Jobs that Kueue starts and stops. https://kueue.sigs.k8s.io/docs/reference/labels-and-annotations/ */
export const KUEUE_QUEUE_LABEL = 'kueue.x-k8s.io/queue-name';

/** On a WaitGroup that was created with its first count: the ID of that operation. */
export const OPERATION_ID_ANNOTATION = 'konductor.io/operation-id';
/** On a WaitGroup that was created with its first count: the client that created it. */
export const BY_ANNOTATION = 'konductor.io/by';
