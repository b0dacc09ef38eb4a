// The transport of a session: logs requests under -v, and remembers the request of each API error, so that advice can name
// the missing permission.
import {
  ApiError,
  type Connection,
  type KubeRequest,
  KubeTransport,
  type KubeTransportOptions,
} from '@konductor/client';
import type { Log } from '../process/log.ts';

/** A request that the API server rejected. */
export interface RejectedRequest extends KubeRequest {
  /** Whether a watch of the listed objects follows, which needs a permission of its own. */
  readonly isBeforeWatch?: boolean;
}

const rejectedRequests = new WeakMap<ApiError, RejectedRequest>();

/** The request that led to this error. */
export function rejectedRequest(error: ApiError): RejectedRequest | undefined {
  return rejectedRequests.get(error);
}

/** Logs each request when its response begins. */
export class ReportingTransport extends KubeTransport {
  /** Whether lists are followed by a watch. */
  isForWatching = false;
  readonly #log: Log;

  constructor(connection: Connection, log: Log, options: KubeTransportOptions) {
    super(connection, options);
    this.#log = log;
  }

  override request<T>(request: KubeRequest): Promise<T> {
    return this.#send(request, () => super.request<T>(request));
  }

  override stream(request: KubeRequest): Promise<AsyncIterable<string>> {
    return this.#send(request, () => super.stream(request));
  }

  async #send<T>(request: KubeRequest, send: () => Promise<T>): Promise<T> {
    const startedAt = performance.now();
    const log = (outcome: string) => {
      const elapsedMs = Math.round(performance.now() - startedAt);
      this.#log.info(`${request.method} ${request.path}${describeQuery(request)}: ${outcome} after ${elapsedMs} ms`);
    };
    try {
      const response = await send();
      log('responded');
      return response;
    } catch (error) {
      log(error instanceof Error ? error.message : String(error));
      if (error instanceof ApiError) rejectedRequests.set(error, { ...request, isBeforeWatch: this.isForWatching });
      throw error;
    }
  }
}

function describeQuery({ query = {} }: KubeRequest): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  return given.length === 0 ? '' : `?${given.map(([name, value]) => `${name}=${value}`).join('&')}`;
}
