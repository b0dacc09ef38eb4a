// The two precisions of times in Kubernetes objects, both RFC 3339 in UTC.

/** `2026-01-02T03:04:05Z`: the precision of metav1.Time. */
export function toSeconds(time: Date): string {
  return `${time.toISOString().slice(0, 19)}Z`;
}

/** `2026-01-02T03:04:05.678Z`. */
export function toMilliseconds(time: Date): string {
  return time.toISOString();
}

/** RFC 3339, stricter than the format `date-time` of the API server, which accepts texts that are not dates. */
export const TIMESTAMP_PATTERN =
  '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,9})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$';
