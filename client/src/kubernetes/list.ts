// Lists a collection completely, in pages, by a quorum read.
import { GoneError } from '../core/errors.ts';
import type { KubeRequest } from '../transport/kube-request.ts';
import type { KubeTransport } from '../transport/transport.ts';
import type { KubeObject } from './kube-object.ts';

/** The same as client-go's default. */
const PAGE_SIZE = 500;

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
  readonly items: readonly T[];
}

/** If the snapshot expires between two pages (410), lists again in one page, like client-go's pager. */
export async function listAll<T extends KubeObject>(
  transport: KubeTransport,
  { pageSize = PAGE_SIZE, transform, ...request }: ListRequest,
): Promise<CompleteList<T>> {
  const items: T[] = [];
  let token: string | undefined;
  let limit: number | undefined = pageSize;
  for (;;) {
    try {
      const page: Page<T> = await transport.request({
        ...request,
        method: 'GET',
        maxResponseLength: Number.POSITIVE_INFINITY,
        query: { ...request.query, limit, continue: token },
      });
      items.push(...(transform ? page.items.map((item) => transform(item)) : page.items));
      token = page.metadata.continue || undefined;
      if (token === undefined) return { items, resourceVersion: page.metadata.resourceVersion };
    } catch (error) {
      if (!(error instanceof GoneError) || token === undefined || limit === undefined) throw error;
      items.length = 0;
      token = undefined;
      limit = undefined;
    }
  }
}
