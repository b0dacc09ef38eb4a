// What a run counts: one piece of work, added before the command and done after it. Anonymous work is kept in the group's
// counter alone; each of its operations has an id, so that a person can say it again without counting it twice.
import type { WaitGroupReference } from '@konductor/client';
import type { Run } from '../arguments/invocation.ts';
import type { Timeout } from '../arguments/values.ts';
import { reportRetries } from '../session/retry-report.ts';
import type { Session } from '../session/session.ts';
import { lookEarly } from './early-look.ts';

/** How a run counts; all methods reject with the client's errors. */
export interface Work {
  readonly group: WaitGroupReference;
  /** The command that says done by hand, also where it is not known whether it was said. */
  readonly doneByHand: string;
  /** Counts it as begun, or sees that it is. */
  begin(signal: AbortSignal): Promise<void>;
  /** Undoes `begin`, for work that nobody began. */
  takeBack(timeoutMs: number): Promise<void>;
  /** Counts it as done. */
  finish(signal: AbortSignal): Promise<void>;
}

/** For {@link AnonymousWork}. */
export interface AnonymousWorkOptions {
  readonly name: string;
  /** False: somebody else has added it. */
  readonly isAddedHere: boolean;
  /** For the done; absent: no limit. */
  readonly doneTimeout: Timeout | undefined;
}

/** Counted by whoever runs the command, without a name. */
export class AnonymousWork implements Work {
  readonly group: WaitGroupReference;
  readonly doneByHand: string;
  readonly #session: Session;
  readonly #run: Run;
  readonly #options: AnonymousWorkOptions;
  readonly #doneId = crypto.randomUUID();
  /** Of the group that the work was added to; absent when it could not be seen before the command was run. */
  #uid: string | undefined;

  constructor(session: Session, run: Run, options: AnonymousWorkOptions) {
    const { name } = options;
    const { namespace } = session.client;
    this.group = { namespace, name };
    this.doneByHand = `koncli waitgroup done ${name} -n ${namespace} --operation-id ${this.#doneId}`;
    this.#session = session;
    this.#run = run;
    this.#options = options;
  }

  async begin(signal: AbortSignal): Promise<void> {
    const { client, callOptions } = this.#session;
    const { name } = this.group;
    this.#uid = this.#options.isAddedHere
      ? (await client.add(name, 1, { ...callOptions, signal })).metadata.uid
      : await lookEarly(name, { session: this.#session, run: this.#run, signal });
    // The command may take hours.
    this.#session.close();
  }

  async takeBack(timeoutMs: number): Promise<void> {
    if (this.#options.isAddedHere) await this.#subtract({ timeoutMs });
  }

  async finish(signal: AbortSignal): Promise<void> {
    const { server } = this.#session.transport.connection;
    const timeout = this.#options.doneTimeout;
    const onRetry = reportRetries(this.#run.log, { server, timeout });
    await this.#subtract({ timeoutMs: timeout?.ms, signal, onRetry });
  }

  /**
   * There is one for each run: the work is taken back, or it is done. The command may have run for hours: another group may
   * have taken the name, whose work is none of this.
   */
  async #subtract(options: Parameters<Session['client']['done']>[2]): Promise<void> {
    await this.#session.client.done(this.group.name, 1, { ...options, operationId: this.#doneId, uid: this.#uid });
  }
}
