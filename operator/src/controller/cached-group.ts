// What the cache keeps of a WaitGroup.
import type { KubeObject } from '@konductor/client';
import { operationAnnotations } from '@konductor/schema';

const ESSENTIAL = [
  'name',
  'namespace',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
];

/**
 * Labels, annotations, managedFields and the like can take a megabyte, and every user who can create WaitGroups can set them. A
 * status is written without them: the API server keeps its own of everything but the status.
 * https://kubernetes.io/docs/reference/using-api/server-side-apply/#clearing-managedfields
 * The first status records the operation that created the WaitGroup, which two bounded annotations name.
 */
export function withEssentialMetadata<T extends KubeObject>(object: T): T {
  const essential = Object.entries(object.metadata).filter(([field]) => ESSENTIAL.includes(field));
  const annotations = 'status' in object ? undefined : operationAnnotations(object.metadata);
  return { ...object, metadata: { ...Object.fromEntries(essential), ...(annotations && { annotations }) } };
}
