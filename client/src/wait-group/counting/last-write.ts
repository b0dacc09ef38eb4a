// What is known of the write that an operation sent last. It was conditional on its base, so that it takes effect at most
// once however often it is sent; until its fate is known, nobody may be told that nothing was changed.
import type { WaitGroup } from '@konductor/schema';
import { ConflictError, mayHaveArrived, TooManyRequestsError } from '../../core/errors.ts';

/**
 * `settled`: what became of it, or nothing was sent; `refused`: it was answered with a conflict or with 429, which may be
 * the answer to a second copy that a proxy sent, or the proxy's own; `open`: it was not answered.
 */
type Fate = 'settled' | 'refused' | 'open';

export class LastWrite {
  #fate: Fate = 'settled';
  #base: WaitGroup | undefined;

  get isSettled(): boolean {
    return this.#fate === 'settled';
  }

  get isOpen(): boolean {
    return this.#fate === 'open';
  }

  /** What it was conditional on, while it was refused and the group not read since. */
  get refusedOn(): WaitGroup | undefined {
    return this.#fate === 'refused' ? this.#base : undefined;
  }

  /** Returns whether it is on its way already, and sent again. */
  sendOn(base: WaitGroup): boolean {
    const wasOpen = this.isOpen;
    this.#fate = 'open';
    this.#base = base;
    return wasOpen;
  }

  /** A write that was open before this attempt stays so, whatever the attempt is told. */
  failWith(error: unknown, wasOpen: boolean): void {
    if (wasOpen || mayHaveArrived(error)) return;
    const isRefused = error instanceof ConflictError || error instanceof TooManyRequestsError;
    this.#fate = isRefused ? 'refused' : 'settled';
  }

  settle(): void {
    this.#fate = 'settled';
    this.#base = undefined;
  }
}
