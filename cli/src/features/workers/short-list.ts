// One request for objects that only explain: it has a short limit, and its caller goes on without them.
import { AbortedError, type KubeObject, type ResourceReference, resourcePath } from '@konductor/client';
import type { Session } from '../../session/session.ts';

/** The first objects of a list. */
export interface ShortList<T extends KubeObject> {
  readonly items: readonly T[];
  /** False if there are more. */
  readonly isComplete: boolean;
}

/** What to list, and what to do about an error; absent: nothing. */
export interface ShortListRequest extends ResourceReference {
  readonly selector: Readonly<Record<string, string>>;
  readonly onError?: (() => void) | undefined;
}

const TIMEOUT_MS = 5_000;
const MAX_ITEMS = 500;

/** Undefined when they cannot be listed. */
export async function listShortly<T extends KubeObject>(
  { transport, callOptions }: Session,
  { selector, onError, ...resource }: ShortListRequest,
): Promise<ShortList<T> | undefined> {
  const { signal, timeoutMs = TIMEOUT_MS } = callOptions;
  const limits = { signal, timeoutMs: Math.min(timeoutMs || TIMEOUT_MS, TIMEOUT_MS) };
  const query = { ...selector, limit: MAX_ITEMS };
  type Page = { readonly metadata: { readonly continue?: string }; readonly items: readonly T[] };
  try {
    const path = resourcePath(resource);
    const { items, metadata } = await transport.request<Page>({ method: 'GET', path, query, ...limits });
    return { items, isComplete: !metadata.continue };
  } catch (error) {
    if (error instanceof AbortedError) throw error;
    onError?.();
    return undefined;
  }
}
