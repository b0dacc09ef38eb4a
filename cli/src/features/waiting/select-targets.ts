// Finds the WaitGroups that a selector means: those that match when the first one does. It leaves the wait for them to
// wait-for-all.ts. It imports the client, so wait imports it when it runs.
import { AbortedError, Deadline, formatMs } from '@konductor/client';
import type { WaitGroup } from '@konductor/schema';
import { NothingFoundError, WatchTimedOutError } from '../../errors.ts';
import { shell } from '../../output/command-line.ts';
import type { WaitForAll } from './wait-for-all.ts';

const APPEAR_TIMEOUT_MS = 30_000;
/** The time limit when --timeout is 0: as long as the client gives a wait that checks once. */
const CHECK_ONCE_MS = 10_000;

/** The names of the WaitGroups that match. Throws NothingFoundError if none matches before a time limit. */
export async function selectTargets(labelSelector: string, options: WaitForAll): Promise<readonly string[]> {
  const { session, run, startedAt } = options;
  const { timeoutMs, signal } = session.callOptions;
  const deadline = timeoutMs === 0 ? new Deadline(CHECK_ONCE_MS, signal) : new Deadline(timeoutMs, signal, startedAt);
  const search = new Search(options, deadline.signal);
  try {
    const names = await search.run(labelSelector);
    if (names.length > 0) {
      run.log.line(`waiting for all that match ${labelSelector} now: ${names.length}`);
      return names;
    }
  } finally {
    search.release();
    deadline.release();
  }
  if (signal.aborted) throw new AbortedError('aborted');
  if (!search.isConnected) throw new WatchTimedOutError(formatMs(deadline.timeoutMs ?? 0), true);
  const problem = `no waitgroup in namespace "${session.client.namespace}" matches the selector "${labelSelector}"`;
  throw new NothingFoundError(problem + shell`: to list all, run koncli waitgroup list -n ${session.client.namespace}`);
}

/** A watch that lasts until something matches or --appear-timeout expires, not counting the time without the API server. */
class Search {
  isConnected = false;
  readonly #options: WaitForAll;
  readonly #appearance: Deadline;

  constructor(options: WaitForAll, signal: AbortSignal) {
    this.#options = options;
    this.#appearance = new Deadline(options.appearTimeoutMs ?? APPEAR_TIMEOUT_MS, signal);
    this.#appearance.stopClock();
  }

  /** Returns none when a time limit expired or the run was stopped. */
  async run(labelSelector: string): Promise<readonly string[]> {
    const { session, run } = this.#options;
    const events = session.client.watch({ labelSelector, signal: this.#appearance.signal, observer: this.#observer() });
    for await (const event of events) {
      const matching = event.type === 'LISTED' ? event.items : event.type === 'DELETED' ? [] : [event.object];
      if (matching.length > 0) return matching.map(nameOf);
      if (session.callOptions.timeoutMs === 0) return [];
      if (event.type === 'LISTED') run.log.line(`no waitgroup matches ${labelSelector} yet`);
    }
    return [];
  }

  release(): void {
    this.#appearance.release();
  }

  #observer() {
    const recover = () => {
      if (!this.isConnected) this.#appearance.restart();
      this.isConnected = true;
    };
    const onRetry = (error: Error, delayMs: number) => {
      this.#appearance.stopClock();
      this.isConnected = false;
      this.#options.session.callOptions.onRetry?.(error, delayMs);
    };
    return { onList: recover, onWatch: recover, onRetry };
  }
}

function nameOf({ metadata }: WaitGroup): string {
  return metadata.name;
}
