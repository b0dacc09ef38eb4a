// What the cache keeps of a WaitGroupWorker: what the fold and the check of its pod read, bounded for each record.
import type { KubeObject } from '@konductor/client';
import { parseWaitGroupWorker, type WaitGroupWorker } from '@konductor/schema';

/** Its `spec` is absent if the object is not a WaitGroupWorker as this operator knows it. */
export interface CachedWorker extends KubeObject {
  readonly spec?: WaitGroupWorker['spec'];
  /** When it was last changed, as the API server noted it in managedFields; in seconds since the epoch. */
  readonly changedAt?: number;
}

/** A record that can be counted. */
export type CountedWorker = WaitGroupWorker & Pick<CachedWorker, 'changedAt'>;

/** The transform of the cache. Everything else can take a megabyte, and every user who can create records can set it. */
export function reduceWorker<T extends KubeObject>(object: T): T {
  const { apiVersion, kind, metadata } = object as unknown as WaitGroupWorker;
  const { name, namespace, uid, resourceVersion } = metadata;
  const reduced = { apiVersion, kind, metadata: { name, namespace, uid, resourceVersion } };
  const spec = reducedSpec(object);
  return { ...reduced, ...(spec && { spec, changedAt: changedAt(object) }) } as unknown as T;
}

/** The key of the WaitGroup in its cache. Only one in the namespace of the record counts it. */
export function groupKey(record: WaitGroupWorker): string;
export function groupKey(record: CachedWorker): string | undefined;
export function groupKey({ metadata, spec }: CachedWorker): string | undefined {
  return spec && `${metadata.namespace ?? ''}/${spec.waitGroup}/${spec.waitGroupUid}`;
}

function reducedSpec(object: unknown): WaitGroupWorker['spec'] | undefined {
  try {
    const { operation: _, message, ...spec } = parseWaitGroupWorker(object).spec;
    const isFailure = spec.state === 'Failed' || spec.state === 'Lost';
    return isFailure && message !== undefined ? { ...spec, message } : spec;
  } catch {
    return undefined;
  }
}

function changedAt(object: object): number {
  const { managedFields = [] } = (object as { metadata: { managedFields?: readonly { readonly time?: string }[] } })
    .metadata;
  return Math.max(0, ...managedFields.map(({ time = '' }) => Date.parse(time) / 1_000 || 0));
}
