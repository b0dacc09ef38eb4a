// The options of every call of the client.

export interface CallOptions {
  /** The limit of the whole call, retries included; absent: no limit. */
  readonly timeoutMs?: number | undefined;
  /** When that time began, by `performance.now()`, for calls that share it; absent: when the call was made. */
  readonly startedAt?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called for every failure that is retried, with the delay before the next attempt. */
  readonly onRetry?: ((error: Error, delayMs: number) => void) | undefined;
}
