// How long a wait that has begun retries rejections: roles are replaced and tokens rotate, and a wait of hours must not end
// because its watch was reopened in that moment. A permission that stays away is reported.
import { ForbiddenError, UnauthorizedError } from '../../core/errors.ts';

export const REJECTION_GRACE_MS = 60_000;

export class RejectionGrace {
  readonly #graceMs: number;
  #wasAccepted = false;
  #since: number | undefined;
  #rejection: Error | undefined;

  constructor(graceMs = REJECTION_GRACE_MS) {
    this.#graceMs = graceMs;
  }

  /** The rejection that is being retried. */
  get rejection(): Error | undefined {
    return this.#rejection;
  }

  /** The API server has accepted a watch. */
  accept(): void {
    this.#wasAccepted = true;
    this.reset();
  }

  /** The next rejection is the first one in a row. */
  reset(): void {
    this.#since = undefined;
    this.#rejection = undefined;
  }

  /** Whether to retry after this error: not before the first watch, and not when rejections have gone on for too long. */
  allows(error: unknown): boolean {
    if (!this.#wasAccepted || !(error instanceof ForbiddenError || error instanceof UnauthorizedError)) return false;
    this.#rejection = error;
    this.#since ??= performance.now();
    return performance.now() - this.#since < this.#graceMs;
  }
}
