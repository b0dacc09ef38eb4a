// The transport of a session: logs requests under -v, and remembers the request of each API error, so that advice can name
// the missing permission.
import {
  ApiError,
  type Connection,
  type KubeRequest,
  KubeTransport,
  type KubeTransportOptions,
} from '@konductor/client';
import type { Call } from '../arguments/settings.ts';
import type { Log } from '../process/log.ts';

/** A request that the API server rejected. */
export interface RejectedRequest extends KubeRequest {
  /** The verb that sent it. */
  readonly call?: Call | undefined;
}

interface ReportingTransportOptions extends KubeTransportOptions {
  readonly call: Call | undefined;
}

const rejectedRequests = new WeakMap<ApiError, RejectedRequest>();

/** The request that led to this error. */
export function rejectedRequest(error: ApiError): RejectedRequest | undefined {
  return rejectedRequests.get(error);
}

/** Logs each request when its response begins. */
export class ReportingTransport extends KubeTransport {
  readonly #log: Log;
  readonly #call: Call | undefined;

  constructor(connection: Connection, log: Log, { call, ...options }: ReportingTransportOptions) {
    super(connection, options);
    this.#log = log;
    this.#call = call;
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
      if (error instanceof ApiError) rejectedRequests.set(error, { ...request, call: this.#call });
      throw error;
    }
  }
}

function describeQuery({ query = {} }: KubeRequest): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  return given.length === 0 ? '' : `?${given.map(([name, value]) => `${name}=${value}`).join('&')}`;
}
