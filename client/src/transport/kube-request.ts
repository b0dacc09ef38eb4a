// One request to the API server, and its limits.

export interface KubeRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** The path from the root, such as `/apis/konductor.io/v1/namespaces/default/waitgroups`, with escaped segments. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: unknown;
  /** `application/json` by default; a PATCH must set it. */
  readonly contentType?: string;
  /** Limits the time to the head of the response and, in `request`, to its end; 30,000 by default. */
  readonly timeoutMs?: number;
  /** A longer response in `request` is an UnavailableError; 8 MiB by default. */
  readonly maxResponseLength?: number;
  readonly signal?: AbortSignal | undefined;
}

export type RequestLimits = Pick<KubeRequest, 'signal' | 'timeoutMs'>;
