// A complete list, in pages, from a quorum read.
import { GoneError } from '../core/errors.ts';
import type { KubeTransport } from '../transport/transport.ts';
import type { KubeObject } from './kube-object.ts';

const PAGE_SIZE = 500;

export interface ListRequest {
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number;
  /** How many objects are asked for at once; 500, as client-go has it, unless said otherwise. */
  readonly pageSize?: number | undefined;
  readonly transform?: Transform | undefined;
}

/** What is kept of each object, page by page: who holds many of them need not have all of them in memory at once. */
export type Transform = <T extends KubeObject>(object: T) => T;

export interface CompleteList<T> {
  readonly items: readonly T[];
  /** Of the snapshot that all pages come from; a watch may begin here. */
  readonly resourceVersion: string;
}

interface Page<T> {
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
  readonly items: readonly T[];
}

/** When the snapshot expires between two pages (410), starts over with all in one page, as client-go's pager does. */
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
        maxAnswerLength: Number.POSITIVE_INFINITY,
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
