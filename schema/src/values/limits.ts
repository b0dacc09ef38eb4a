// The maximal values of the fields of a WaitGroup, and the forms of its texts.

export const MAX_COUNTER = 2_147_483_647;
/** The largest integer that JavaScript reads exactly. */
export const MAX_TOTAL = Number.MAX_SAFE_INTEGER;
export const MAX_RECENT_OPERATIONS = 16;
/** How many records of workers are being retired at once; each takes up to 400 bytes of the status. */
export const MAX_RETIRING = 16;
export const MAX_CONDITIONS = 8;
export const MAX_CONDITION_MESSAGE = 256;
export const MAX_REASON = 128;
export const MAX_FAILURE_MESSAGE = 1024;
export const MAX_OPERATION_ID = 128;
/** The longest name of a pod. */
export const MAX_CLIENT_NAME = 253;

export const MAX_UID = 36;
/** Two DNS labels and 8 characters of a UID. */
export const MAX_WORKER_RECORD_NAME = 136;

/** A resourceVersion, which is ordered. https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions */
export const REVISION: RegExp = /^[0-9]{1,20}$/;

/** Printable ASCII, which takes one byte per character everywhere. */
export const PRINTABLE: RegExp = /^[ -~]*$/;

/** The form of a condition's reason: one CamelCase word. https://pkg.go.dev/k8s.io/apimachinery/pkg/apis/meta/v1#Condition */
export const REASON: RegExp = /^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$/;
