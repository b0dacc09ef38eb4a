// Keeps what is known of the write that a batch sent last: the operation records it, and the calls that wait read it. A write is
// conditional on its base, so it takes effect at most once, however often it is sent. Until its outcome is known, no call
// may say that nothing was changed. Nothing here depends on what is written, or by which rule.
//
//   settled -> sent        it is sent
//   sent -> open           its response is lost: only the first change after its base shows whether it landed
//   sent -> rejected       409 (of a create: it exists already) or 429, perhaps for a second copy that a proxy sent: the next read shows
//   sent -> settled        any other error: it did not land
//   open -> open           whatever the response to a second copy says
//   open, rejected -> settled   by the operation, once the outcome is known
import {
  AlreadyExistsError,
  ConflictError,
  isTransient,
  mayHaveArrived,
  TooManyRequestsError,
} from '../../core/errors.ts';
import { UnknownOutcomeError, WaitGroupNotFoundError } from '../wait-group-errors.ts';

type Fate = 'settled' | 'sent' | 'open' | 'rejected';

/**
 * What to do after an attempt failed: `settle` by the first change after the base, `resend` the very same write, `giveWay` to
 * other writers and apply the change to what they wrote, `reread` after a failure that left nothing open, or `end`.
 */
export type NextStep = 'settle' | 'resend' | 'giveWay' | 'reread' | 'end';

export class WriteState<Base> {
  /** The last failure that was retried, until the API server responds again. */
  lastFailure: Error | undefined;
  /** Another write came first at least once, so the API server is available. */
  hasConflicted = false;
  #fate: Fate = 'settled';
  #base: Base | undefined;

  /** Whether a write was sent whose outcome is not known for certain. */
  get isInDoubt(): boolean {
    return this.#fate !== 'settled';
  }

  /** What the write was conditional on, if it was rejected and the object not read since. */
  get rejectedOn(): Base | undefined {
    return this.#fate === 'rejected' ? this.#base : undefined;
  }

  sendOn(base: Base): void {
    if (this.#fate !== 'open') this.#fate = 'sent';
    this.#base = base;
  }

  failWith(error: unknown): NextStep {
    this.#fate = this.#fateAfter(error);
    const isOpen = this.#fate === 'open';
    if (isConflict(error)) {
      this.hasConflicted = true;
      return isOpen ? 'settle' : 'giveWay';
    }
    if (!isTransient(error)) return 'end';
    return isOpen ? 'resend' : 'reread';
  }

  settle(): void {
    this.#fate = 'settled';
    this.lastFailure = undefined;
  }

  /** Whether an operation that ends with this error leaves its outcome unknown. */
  isInDoubtAfter(error: unknown): boolean {
    if (error instanceof UnknownOutcomeError) return false;
    // With the group gone, it no longer matters which copy was rejected.
    if (error instanceof WaitGroupNotFoundError) return this.#fate === 'open';
    return this.isInDoubt;
  }

  #fateAfter(error: unknown): Fate {
    if (this.#fate === 'open' || mayHaveArrived(error)) return 'open';
    return isConflict(error) || error instanceof TooManyRequestsError ? 'rejected' : 'settled';
  }
}

/** Another write came first: of a create, one that created the object. */
function isConflict(error: unknown): boolean {
  return error instanceof ConflictError || error instanceof AlreadyExistsError;
}
