// What the cache keeps of a group: what decides about it and what it is known by. Labels, annotations, managedFields and the
// like may fill a megabyte, at the wish of whoever may create groups. A status is written without them: of what is not
// status the API server keeps its own. https://kubernetes.io/docs/reference/using-api/server-side-apply/#clearing-managedfields
import type { KubeObject } from '@konductor/client';

const KEPT = ['name', 'namespace', 'uid', 'resourceVersion', 'generation', 'creationTimestamp', 'deletionTimestamp'];

export function keptOf<T extends KubeObject>(object: T): T {
  const kept = Object.entries(object.metadata).filter(([field]) => KEPT.includes(field));
  return { ...object, metadata: Object.fromEntries(kept) };
}
