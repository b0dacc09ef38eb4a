// managedFields take a third of an object’s memory or more, and only the API server reads them. It keeps its own for
// an object that is sent back without.
// https://kubernetes.io/docs/reference/using-api/server-side-apply/#clearing-managedfields
import type { KubeObject } from './watch.ts';

export function withoutManagedFields<T extends KubeObject>(object: T): T {
  const { managedFields: _, ...metadata }: KubeObject['metadata'] & { managedFields?: unknown } = object.metadata;
  return { ...object, metadata };
}
