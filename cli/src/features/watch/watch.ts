// The lifetime of a watch on the terminal: it ends when the timeout expires or a signal stops the run.
import { AbortedError, Deadline, type ListWatchEvent, type WatchOptions } from '@konductor/client';
import type { WaitGroup } from '@konductor/schema';
import { WatchTimedOutError } from '../../errors.ts';
import type { SessionContext } from '../../session/with-session.ts';
import { type ChangePrinter, createChangePrinter } from './change-printer.ts';

/** Shows one or several streams of events in the same table. */
export class Watch {
  readonly #context: SessionContext;
  readonly #print: ChangePrinter;
  readonly #deadline: Deadline;
  readonly #end = new AbortController();
  #isConnected = false;

  /** `hasNamespaces`: whether to show namespaces. */
  constructor(context: SessionContext, { hasNamespaces }: { readonly hasNamespaces: boolean }) {
    const { run, settings } = context;
    this.#context = context;
    this.#print = createChangePrinter(settings.output, hasNamespaces);
    this.#deadline = new Deadline(settings.timeout?.ms, run.signal);
    const end = () => this.#end.abort();
    if (this.#deadline.signal.aborted) end();
    else this.#deadline.signal.addEventListener('abort', end, { once: true });
  }

  /** Ends without an error when the watch does. */
  events(query: Omit<WatchOptions, 'signal'>): AsyncGenerator<ListWatchEvent<WaitGroup>> {
    const { client, callOptions } = this.#context.session;
    const recover = () => {
      this.#isConnected = true;
    };
    const onRetry = (error: Error, delayMs: number) => {
      this.#isConnected = false;
      callOptions.onRetry?.(error, delayMs);
    };
    return client.watch({
      ...query,
      signal: this.#end.signal,
      observer: { onList: recover, onWatch: recover, onRetry },
    });
  }

  async show(groups: readonly WaitGroup[]): Promise<void> {
    this.#context.run.stdout.write(await this.#print(groups));
  }

  /** Runs `work`, which shows `events`, and throws the reason for its end: timeout, signal or failure. */
  async during(work: () => Promise<void>): Promise<void> {
    const { run, settings } = this.#context;
    try {
      await work();
    } finally {
      this.#end.abort();
      this.#deadline.release();
    }
    if (this.#deadline.isOver) throw new WatchTimedOutError(settings.timeout?.text ?? '', !this.#isConnected);
    if (run.signal.aborted) throw new AbortedError('aborted');
  }
}
