// The work of a run that counts for a worker: its record says that it works, and in the end that it is done or has failed. When
// koncli or its pod dies, the record stays Active: whoever runs next with the same ID goes on with it, and it counts once.
import {
  isTransient,
  TimedOutError,
  UnknownOutcomeError,
  type WaitGroupReference,
  type WorkerClient,
  type WorkerOptions,
} from '@konductor/client';
import type { WaitGroup } from '@konductor/schema';
import type { Run } from '../../arguments/invocation.ts';
import { shell } from '../../output/command-line.ts';
import { warnOfFailedRound } from '../../session/failed-round.ts';
import type { Session } from '../../session/session.ts';
import { addWork, changeOf } from '../workers/changes.ts';
import { markOptions } from './mark-options.ts';
import { preflightMs } from './preflight.ts';
import type { Work, WorkOptions } from './work.ts';

/** The command has failed already: why is worth only a short wait. */
const NOTE_MS = 3_000;

export class WorkerWork implements Work {
  readonly group: WaitGroupReference;
  readonly doneCommand: string;
  readonly abandonCommand: string;
  readonly #worker: WorkerClient;
  readonly #session: Session;
  readonly #run: Run;
  readonly #options: WorkOptions;
  /** The WaitGroup and the round in which the work began; empty when they could not be read. */
  #begun: Pick<WorkerOptions, 'uid' | 'round'> = {};

  constructor(
    worker: WorkerClient,
    { session, run }: { readonly session: Session; readonly run: Run },
    options: WorkOptions,
  ) {
    const { namespace } = session.client;
    this.group = { namespace, name: options.name };
    this.#worker = worker;
    this.#session = session;
    this.#run = run;
    this.#options = options;
    this.doneCommand = `koncli waitgroup done ${this.#target}`;
    this.abandonCommand = `koncli waitgroup release ${this.#target}`;
  }

  get failsWithCommand(): boolean {
    return this.#options.failsWithCommand;
  }

  /** Its record is there already, whoever added the work. */
  get failsUnstarted(): boolean {
    return this.failsWithCommand;
  }

  failCommand(message: string): string {
    return `koncli waitgroup fail ${this.#target}${shell` --message ${message}`}`;
  }

  async begin(signal: AbortSignal): Promise<void> {
    if (this.#options.isAddedHere) {
      const { group } = await addWork(this.#worker, { ...this.#session.callOptions, signal }, this.#run);
      warnOfFailedRound(group, this.#run);
      this.#begun = begunIn(group);
    } else this.#begun = await this.#start(signal);
    // The command may take hours.
    this.#session.close();
  }

  async finish(signal: AbortSignal): Promise<void> {
    changeOf(await this.#worker.done(this.#markOptions(signal)), { session: this.#session, run: this.#run });
  }

  async fail(message: string, signal: AbortSignal): Promise<void> {
    const counted = await this.#worker.fail({ message }, this.#markOptions(signal));
    changeOf(counted, { session: this.#session, run: this.#run });
  }

  async keep(message: string, signal: AbortSignal): Promise<void> {
    const limits = { signal, timeoutMs: NOTE_MS, ...this.#begun };
    await this.#worker.note(message, limits).catch((error: Error) => {
      this.#run.log.warn(`cannot record why the work stays outstanding: ${error.message}`);
    });
  }

  /** Without a response, it runs all the same: the done needs no record. */
  async #start(signal: AbortSignal): Promise<Pick<WorkerOptions, 'uid' | 'round'>> {
    const { callOptions } = this.#session;
    try {
      const limits = { signal, timeoutMs: preflightMs(callOptions), startedAt: performance.now() };
      const { group, record } = await this.#worker.start(limits);
      if (record && record.spec.state !== 'Active')
        this.#run.log.warn(
          `worker "${this.#worker.id}" has already finished in this round of waitgroup "${group.metadata.name}": the command runs again, and is not counted again`,
        );
      return begunIn(group);
    } catch (error) {
      if (!(error instanceof TimedOutError || error instanceof UnknownOutcomeError || isTransient(error))) throw error;
      this.#run.log.warn(
        `cannot record that worker "${this.#worker.id}" works (${error.message}); running the command anyway`,
      );
      return {};
    }
  }

  #markOptions(signal: AbortSignal): WorkerOptions {
    return { ...markOptions(this.#session, this.#run, this.#options.doneTimeout), signal, ...this.#begun };
  }

  get #target(): string {
    return shell`${this.group.name} -n ${this.group.namespace} --worker ${this.#worker.id}`;
  }
}

function begunIn({ metadata, status }: WaitGroup): Pick<WorkerOptions, 'uid' | 'round'> {
  return { uid: metadata.uid, round: status?.completions ?? 0 };
}
