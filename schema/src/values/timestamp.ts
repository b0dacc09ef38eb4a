// The two precisions in which Kubernetes objects carry a time, both RFC 3339 in UTC.

/** `2026-01-02T03:04:05Z`: the precision of metav1.Time. */
export function toSeconds(time: Date): string {
  return `${time.toISOString().slice(0, 19)}Z`;
}

/** `2026-01-02T03:04:05.678Z`. */
export function toMilliseconds(time: Date): string {
  return time.toISOString();
}

/** RFC 3339 as every reader here takes it: the API server's own `date-time` lets more pass than dates can be made of. */
export const TIMESTAMP_PATTERN =
  '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,9})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$';
