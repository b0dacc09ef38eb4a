// The work of a run that counts for no worker in particular: added before the command, marked done or failed after it. Marking it
// has an operation ID, so that users can safely repeat it by hand.
import type { CountOptions, WaitGroupReference } from '@konductor/client';
import type { Run } from '../../arguments/invocation.ts';
import { shell } from '../../output/command-line.ts';
import { warnOfFailedRound } from '../../session/failed-round.ts';
import type { Session } from '../../session/session.ts';
import { markOptions } from './mark-options.ts';
import { checkBeforeRun } from './preflight.ts';
import type { Work, WorkOptions } from './work.ts';

export class AnonymousWork implements Work {
  readonly group: WaitGroupReference;
  readonly doneCommand: string;
  readonly #session: Session;
  readonly #run: Run;
  readonly #options: WorkOptions;
  /** The work is marked at most once: undone, done or failed. */
  readonly #operationId = crypto.randomUUID();
  /** The last flags of the printed commands. */
  readonly #flags: string;
  /** The uid of the WaitGroup; absent when it could not be read before the command was run. */
  #uid: string | undefined;

  constructor(session: Session, run: Run, options: WorkOptions) {
    const { name } = options;
    const { namespace } = session.client;
    this.group = { namespace, name };
    this.#flags = shell`--operation-id ${this.#operationId}` + (run.env.KONDUCTOR_WORKER_ID ? ' --anonymous' : '');
    this.doneCommand = shell`koncli waitgroup done ${name} -n ${namespace} ` + this.#flags;
    this.#session = session;
    this.#run = run;
    this.#options = options;
  }

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

  /** Its operation ID is that of the done. */
  get abandonCommand(): string {
    return this.doneCommand;
  }

  get failsWithCommand(): boolean {
    return this.#options.failsWithCommand;
  }

  get failsUnstarted(): boolean {
    return this.#options.failsWithCommand && !this.#options.isAddedHere;
  }

  failCommand(message: string): string {
    const { namespace, name } = this.group;
    return shell`koncli waitgroup fail ${name} -n ${namespace} --message ${message} ` + this.#flags;
  }

  async undo(timeoutMs: number): Promise<void> {
    if (!this.#options.isAddedHere) return;
    await this.#session.client.done(this.group.name, 1, { timeoutMs, ...this.#operation });
  }

  async finish(signal: AbortSignal): Promise<void> {
    await this.#session.client.done(this.group.name, 1, this.#markOptions(signal));
  }

  async fail(message: string, signal: AbortSignal): Promise<void> {
    await this.#session.client.fail(this.group.name, { message }, 1, this.#markOptions(signal));
  }

  #markOptions(signal: AbortSignal): CountOptions {
    return { ...markOptions(this.#session, this.#run, this.#options.doneTimeout), signal, ...this.#operation };
  }

  /** The uid excludes another WaitGroup that took the name while the command ran. */
  get #operation() {
    return { operationId: this.#operationId, uid: this.#uid };
  }
}
