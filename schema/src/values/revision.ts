// Orders resourceVersions of one resource. https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions

/** Below zero if `one` is older than `other`, zero if they are equal. Both are decimal numbers without leading zeros. */
export function compareRevisions(one: string, other: string): number {
  if (one.length !== other.length) return one.length - other.length;
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
