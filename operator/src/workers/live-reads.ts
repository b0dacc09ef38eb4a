// Live reads that the fold and the check of pods share: quorum reads, so that nothing is older than what woke them.
import { type KubeObject, type KubeTransport, listAll, NotFoundError, resourcePath } from '@konductor/client';
import { API_GROUP_VERSION, parseWaitGroupWorker, type WaitGroupWorker, workerNames } from '@konductor/schema';

/** A page is held as text and parsed at the same time. */
export const PAGE_SIZE = 100;

export type Uids = ReadonlySet<string | undefined>;

export interface LiveObject {
  readonly metadata: { readonly uid?: string; readonly deletionTimestamp?: string };
}

/** Undefined if there is no such object. */
export async function readIfExists<T>(transport: KubeTransport, path: string): Promise<T | undefined> {
  try {
    return await transport.request<T>({ method: 'GET', path });
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  }
}

/** Undefined if there is no record of this name. */
export async function readRecord(
  transport: KubeTransport,
  namespace: string,
  name: string,
): Promise<WaitGroupWorker | undefined> {
  const object = await readIfExists<object>(transport, workersPath(namespace, name));
  return object && parseWaitGroupWorker(object);
}

/** The uids of the pods of a namespace; a `fieldSelector` selects some of them. */
export function listPodUids(
  transport: KubeTransport,
  namespace: string | undefined,
  query: { readonly fieldSelector?: string } = {},
): Promise<Uids> {
  return listUids(transport, podsPath(namespace), query);
}

/** The uids of the Jobs of a namespace. */
export function listJobUids(transport: KubeTransport, namespace: string | undefined): Promise<Uids> {
  return listUids(transport, jobsPath(namespace));
}

async function listUids(transport: KubeTransport, path: string, query = {}): Promise<Uids> {
  const transform = <T extends KubeObject>({ metadata: { name, uid } }: T) => ({ metadata: { name, uid } }) as T;
  const { items } = await listAll(transport, { path, query, transform, pageSize: PAGE_SIZE });
  return new Set(items.map(({ metadata }) => metadata.uid));
}

/** Whether a namespace is gone or being deleted: its pods and records vanish one after another, which means nothing. */
export async function isTerminating(transport: KubeTransport, namespace: string): Promise<boolean> {
  const path = resourcePath({ apiVersion: 'v1', resource: 'namespaces', name: namespace });
  return isBeingDeleted(await readIfExists<LiveObject>(transport, path));
}

export function isBeingDeleted(object: LiveObject | undefined): boolean {
  return object === undefined || object.metadata.deletionTimestamp !== undefined;
}

/** The path of a pod, or of all pods of a namespace; undefined: of all namespaces. */
export function podsPath(namespace: string | undefined, name?: string): string {
  return resourcePath({ apiVersion: 'v1', resource: 'pods', namespace, name });
}

/** The path of a Job, or of all Jobs of a namespace; undefined: of all namespaces. */
export function jobsPath(namespace: string | undefined, name?: string): string {
  return resourcePath({ apiVersion: 'batch/v1', resource: 'jobs', namespace, name });
}

/** The path of a record, or of all records of a namespace. */
export function workersPath(namespace: string | undefined, name?: string): string {
  return resourcePath({ apiVersion: API_GROUP_VERSION, resource: workerNames.plural, namespace, name });
}
