// The transport of a session: says under -v what it asks of the API server, and remembers what was refused, so that
// what to do about it can be named.
import {
  ApiError,
  type Connection,
  type KubeRequest,
  KubeTransport,
  type KubeTransportOptions,
} from '@konductor/client';
import type { Log } from '../process/log.ts';

/** A request, and what it was for. */
export interface RefusedRequest extends KubeRequest {
  /** A watch of what it lists comes next, which takes a right of its own. */
  readonly isBeforeWatch?: boolean;
}

const refusedRequests = new WeakMap<ApiError, RefusedRequest>();

/** The request that this answer refused. */
export function refusedRequest(error: ApiError): RefusedRequest | undefined {
  return refusedRequests.get(error);
}

/** Reports each request when its answer begins. */
export class ReportingTransport extends KubeTransport {
  /** Whether it lists in order to watch. */
  isForWatching = false;
  readonly #log: Log;

  constructor(connection: Connection, log: Log, options: KubeTransportOptions) {
    super(connection, options);
    this.#log = log;
  }

  override request<T>(request: KubeRequest): Promise<T> {
    return this.#report(request, () => super.request<T>(request));
  }

  override stream(request: KubeRequest): Promise<AsyncIterable<string>> {
    return this.#report(request, () => super.stream(request));
  }

  async #report<T>(request: KubeRequest, send: () => Promise<T>): Promise<T> {
    const startedAt = performance.now();
    const say = (outcome: string) => {
      const elapsedMs = Math.round(performance.now() - startedAt);
      this.#log.info(`${request.method} ${request.path}${describeQuery(request)}: ${outcome} after ${elapsedMs} ms`);
    };
    try {
      const answer = await send();
      say('answered');
      return answer;
    } catch (error) {
      say(error instanceof Error ? error.message : String(error));
      if (error instanceof ApiError) refusedRequests.set(error, { ...request, isBeforeWatch: this.isForWatching });
      throw error;
    }
  }
}

function describeQuery({ query = {} }: KubeRequest): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  return given.length === 0 ? '' : `?${given.map(([name, value]) => `${name}=${value}`).join('&')}`;
}
