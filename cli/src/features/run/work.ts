// The work that a run counts: added before the command, marked done or failed after it. Marking it has an operation ID, so that
// users can safely repeat it by hand.
import type { CountOptions, WaitGroupReference } from '@konductor/client';
import type { Run } from '../../arguments/invocation.ts';
import type { Timeout } from '../../arguments/values.ts';
import { shell } from '../../output/command-line.ts';
import { warnOfFailedRound } from '../../session/failed-round.ts';
import { reportRetries } from '../../session/retry-report.ts';
import type { Session } from '../../session/session.ts';
import { checkBeforeRun } from './preflight.ts';

/** The options of {@link Work}. */
export interface WorkOptions {
  readonly name: string;
  /** False if another process has added the work. */
  readonly isAddedHere: boolean;
  /** Whether the WaitGroup fails with the command. */
  readonly failsWithCommand: boolean;
  /** The time limit of `finish` and `fail`; absent: no limit. */
  readonly doneTimeout: Timeout | undefined;
}

/** The changes that a run makes; all methods reject with the client's errors. */
export class Work {
  readonly group: WaitGroupReference;
  /** The shell command that marks the work done; safe to repeat. */
  readonly doneCommand: string;
  readonly #session: Session;
  readonly #run: Run;
  readonly #options: WorkOptions;
  /** The work is marked at most once: undone, done or failed. */
  readonly #operationId = crypto.randomUUID();
  /** The uid of the WaitGroup; absent when it could not be read before the command was run. */
  #uid: string | undefined;

  constructor(session: Session, run: Run, options: WorkOptions) {
    const { name } = options;
    const { namespace } = session.client;
    this.group = { namespace, name };
    this.doneCommand = shell`koncli waitgroup done ${name} -n ${namespace} --operation-id ${this.#operationId}`;
    this.#session = session;
    this.#run = run;
    this.#options = options;
  }

  /** Adds the work, or checks that it can be marked done. */
  async begin(signal: AbortSignal): Promise<void> {
    const { client, callOptions } = this.#session;
    const { name } = this.group;
    if (this.#options.isAddedHere) {
      const { group } = await client.add(name, 1, { ...callOptions, signal });
      warnOfFailedRound(group, this.#run);
      this.#uid = group.metadata.uid;
    } else this.#uid = await checkBeforeRun(name, { session: this.#session, run: this.#run, signal });
    // The command may take hours.
    this.#session.close();
  }

  get failsWithCommand(): boolean {
    return this.#options.failsWithCommand;
  }

  /** Whether it fails with a command that cannot be run: another process counts on it. */
  get failsUnstarted(): boolean {
    return this.#options.failsWithCommand && !this.#options.isAddedHere;
  }

  /** The shell command that reports the failure; safe to repeat. */
  failCommand(message: string): string {
    const { namespace, name } = this.group;
    return shell`koncli waitgroup fail ${name} -n ${namespace} --message ${message} --operation-id ${this.#operationId}`;
  }

  /** Undoes `begin` when the command was not run. */
  async undo(timeoutMs: number): Promise<void> {
    if (!this.#options.isAddedHere) return;
    await this.#session.client.done(this.group.name, 1, { timeoutMs, ...this.#operation });
  }

  /** Marks the work done. */
  async finish(signal: AbortSignal): Promise<void> {
    await this.#session.client.done(this.group.name, 1, this.#markOptions(signal));
  }

  /** Marks the work failed. */
  async fail(message: string, signal: AbortSignal): Promise<void> {
    await this.#session.client.fail(this.group.name, { message }, 1, this.#markOptions(signal));
  }

  #markOptions(signal: AbortSignal): CountOptions {
    const { transport } = this.#session;
    const { server } = transport.connection;
    // The command has run: its work is given up only for what no retry can mend, even if no response ever came.
    transport.assumeReachable();
    const timeout = this.#options.doneTimeout;
    const onRetry = reportRetries(this.#run.log, server, timeout);
    return { timeoutMs: timeout?.ms, signal, onRetry, ...this.#operation };
  }

  /** The uid excludes another WaitGroup that took the name while the command ran. */
  get #operation() {
    return { operationId: this.#operationId, uid: this.#uid };
  }
}
