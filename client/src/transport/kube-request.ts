// What one request to the API server is made of, and what limits it.

export interface KubeRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** From the root, such as `/apis/konductor.io/v1/namespaces/default/waitgroups`; its segments are escaped already. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: unknown;
  /** `application/json` unless said otherwise; a PATCH must say it. */
  readonly contentType?: string;
  /** For the answer's head, and for all of it in `request`; 30,000 unless said otherwise. */
  readonly timeoutMs?: number;
  /** Of the answer in `request`: a longer one says nothing; 32 MiB unless said otherwise. */
  readonly maxAnswerLength?: number;
  readonly signal?: AbortSignal | undefined;
}

/** The limits of one request. */
export type RequestLimits = Pick<KubeRequest, 'signal' | 'timeoutMs'>;
