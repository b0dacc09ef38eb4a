// Lists a collection completely, in pages, by a quorum read.
import { GoneError, UnavailableError } from '../core/errors.ts';
import { ResponseTooLongError } from '../http/request.ts';
import type { KubeRequest } from '../transport/kube-request.ts';
import type { KubeTransport } from '../transport/transport.ts';
import type { KubeObject } from './kube-object.ts';
import { requestShaped, type Shape } from './request-shaped.ts';

/** The same as client-go's default. */
const PAGE_SIZE = 500;
/** A longer page is requested again with fewer objects: every user who can create objects can make each a megabyte long. */
const MAX_PAGE_LENGTH = 4 * 2 ** 20;

export interface ListRequest extends Pick<KubeRequest, 'path' | 'query' | 'signal' | 'timeoutMs'> {
  /** The number of objects in one response; 500 by default. */
  readonly pageSize?: number | undefined;
  readonly transform?: Transform | undefined;
}

/** Returns the part of an object to keep; applied to each page, so that a large collection is never completely in memory. */
export type Transform = <T extends KubeObject>(object: T) => T;

export interface CompleteList<T> {
  readonly items: readonly T[];
  /** The version of the snapshot that all pages come from; a watch may start here. */
  readonly resourceVersion: string;
}

interface Page<T> {
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
  /** Null: Go's empty list. */
  readonly items: readonly T[] | null;
}

/** If the snapshot expires between two pages (410), lists again once. */
export async function listAll<T extends KubeObject>(
  transport: KubeTransport,
  request: ListRequest,
): Promise<CompleteList<T>> {
  try {
    return await listPages(transport, request);
  } catch (error) {
    if (!(error instanceof GoneError)) throw error;
    return listPages(transport, request);
  }
}

async function listPages<T extends KubeObject>(
  transport: KubeTransport,
  { pageSize = PAGE_SIZE, transform = (object) => object, ...request }: ListRequest,
): Promise<CompleteList<T>> {
  const items: T[] = [];
  let limit = pageSize;
  let token: string | undefined;
  for (;;) {
    try {
      const page = await requestPage<T>(transport, request, { limit, token });
      for (const item of page.items ?? []) items.push(transform(item));
      token = page.metadata.continue || undefined;
      if (token === undefined) return { items, resourceVersion: page.metadata.resourceVersion };
      limit = Math.min(limit * 2, pageSize);
    } catch (error) {
      if (!isTooLong(error) || limit === 1) throw error;
      limit = Math.ceil(limit / 4);
    }
  }
}

async function requestPage<T extends KubeObject>(
  transport: KubeTransport,
  request: ListRequest,
  { limit, token }: { readonly limit: number; readonly token: string | undefined },
): Promise<Page<T>> {
  const query = { ...request.query, limit, continue: token };
  // A single object is limited as every response is.
  const limits = limit > 1 && { maxResponseLength: MAX_PAGE_LENGTH };
  return requestShaped<Page<T>>(transport, { ...request, method: 'GET', query, ...limits }, PAGE);
}

const PAGE: Shape<Page<KubeObject>> = {
  name: 'a list',
  isMet: ({ metadata, items }) => {
    if (typeof metadata?.resourceVersion !== 'string') return false;
    return items === null || (Array.isArray(items) && items.every((item) => item?.metadata));
  },
};

function isTooLong(error: unknown): boolean {
  return error instanceof UnavailableError && error.cause instanceof ResponseTooLongError;
}
