// The frame of a watch that people look at: it ends when the timeout expires or a signal stops the run.
import { AbortedError, Deadline, type ListWatchEvent, type WatchOptions } from '@konductor/client';
import type { WaitGroup } from '@konductor/schema';
import { WatchTimedOutError } from '../errors.ts';
import type { Watching } from '../session/with-session.ts';
import { changePrinter, type PrintChanges } from './change-printer.ts';

/** Of one or several streams of events, whose groups all go to the same table. */
export class Watch {
  readonly #watching: Watching;
  readonly #print: PrintChanges;
  readonly #deadline: Deadline;
  readonly #end = new AbortController();
  #isInTouch = false;

  /** `hasNamespaces`: the groups are of several. */
  constructor(watching: Watching, { hasNamespaces }: { readonly hasNamespaces: boolean }) {
    const { run, settings } = watching;
    this.#watching = watching;
    watching.session.transport.isForWatching = true;
    this.#print = changePrinter(settings.output, hasNamespaces);
    this.#deadline = new Deadline(settings.timeout?.ms, run.signal);
    const end = () => this.#end.abort();
    if (this.#deadline.signal.aborted) end();
    else this.#deadline.signal.addEventListener('abort', end, { once: true });
  }

  /** Ends in good order when the watch does. */
  events(query: Omit<WatchOptions, 'signal'>): AsyncGenerator<ListWatchEvent<WaitGroup>> {
    const { client, callOptions } = this.#watching.session;
    const recover = () => {
      this.#isInTouch = true;
    };
    const onRetry = (error: Error, delayMs: number) => {
      this.#isInTouch = false;
      callOptions.onRetry?.(error, delayMs);
    };
    return client.watch({
      ...query,
      signal: this.#end.signal,
      observer: { onList: recover, onWatch: recover, onRetry },
    });
  }

  async show(groups: readonly WaitGroup[]): Promise<void> {
    this.#watching.run.stdout.write(await this.#print(groups));
  }

  /** Throws why `work`, which shows what `events` yield, has ended: the timeout, a signal, a failure. */
  async during(work: () => Promise<void>): Promise<void> {
    const { run, settings } = this.#watching;
    try {
      await work();
    } finally {
      this.#end.abort();
      this.#deadline.release();
    }
    if (this.#deadline.isOver) throw new WatchTimedOutError(settings.timeout?.text ?? '', !this.#isInTouch);
    if (run.signal.aborted) throw new AbortedError('aborted');
  }
}
