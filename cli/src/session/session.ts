// The session of one command with the cluster: the client, the options of its calls, and its output.
// It imports the client, so the verbs import it only when they run.
import {
  type CallOptions,
  type Counted,
  connect,
  WaitGroupClient,
  type Worker,
  type WorkerClient,
} from '@konductor/client';
import type { Run } from '../arguments/invocation.ts';
import type { Settings } from '../arguments/settings.ts';
import { BrokenPipeError, OutputError } from '../errors.ts';
import { counterOf, type Result, render, subject } from '../output/output.ts';
import { toText } from '../process/lines.ts';
import { USER_AGENT } from '../version.ts';
import { ReportingTransport } from './reporting-transport.ts';
import { reportRetries } from './retry-report.ts';
import { identify } from './worker.ts';

/** The options of every call of a session. */
export type SessionCallOptions = CallOptions & { readonly signal: AbortSignal };

const FIELD_MANAGER = 'koncli';

interface SessionParts {
  readonly run: Run;
  readonly settings: Settings;
  readonly worker: Worker | undefined;
}

/** The client and the output of a verb. */
export class Session {
  readonly client: WaitGroupClient;
  /** The transport for single requests without retries. */
  readonly transport: ReportingTransport;
  /** The pod or machine that WaitGroups record with each change. */
  readonly by: string;
  /** Whether the credentials are those of a pod. */
  readonly isInPod: boolean;
  readonly #worker: Worker | undefined;
  readonly #run: Run;
  readonly #settings: Settings;
  readonly #onRetry: CallOptions['onRetry'];

  private constructor(transport: ReportingTransport, { run, settings, worker }: SessionParts) {
    const { namespace, timeout } = settings;
    this.transport = transport;
    this.by = transport.connection.pod?.name ?? run.hostname;
    this.isInPod = transport.connection.pod !== undefined;
    this.#worker = worker;
    this.#run = run;
    this.#settings = settings;
    this.client = new WaitGroupClient(transport, {
      ...(namespace !== undefined && { namespace }),
      by: this.by,
      fieldManager: FIELD_MANAGER,
    });
    this.#onRetry = reportRetries(run.log, transport.connection.server, timeout);
  }

  /** Throws ConnectionError when no cluster is configured. */
  static async open(run: Run, settings: Settings): Promise<Session> {
    const { kubeconfig, context, impersonate, timeout, call } = settings;
    const limits = { signal: run.signal, timeoutMs: timeout?.ms || undefined };
    const connection = await connect({ env: run.env, kubeconfig, context, impersonate, ...limits });
    const worker = identify(settings, connection, run);
    const options = { userAgent: USER_AGENT, call: call && { ...call, isIdentified: worker !== undefined } };
    const transport = new ReportingTransport(connection, run.log, options);
    return new Session(transport, { run, settings, worker });
  }

  /** The time limit, the signal of the run, and the log of retries. */
  get callOptions(): SessionCallOptions {
    return { timeoutMs: this.#settings.timeout?.ms, signal: this.#run.signal, onRetry: this.#onRetry };
  }

  /** The worker that changes of this WaitGroup are counted for; undefined: they are anonymous. */
  workerOf(name: string): WorkerClient | undefined {
    return this.#worker && this.client.worker(name, this.#worker);
  }

  /** Prints a result in the format of `-o`. */
  async print(result: Result): Promise<void> {
    this.#run.stdout.write(await render(result, this.#settings.output));
  }

  /** Prints the result of a change, or of another success that does not depend on being printed. */
  async confirm(result: Result, success?: string): Promise<void> {
    this.#confirm(await render(result, this.#settings.output), success);
  }

  /** Prints a change of the counter, such as `done 1`, or that an earlier call with its operation ID made it. */
  async confirmCounted({ group, wasRepeated }: Counted, change: string, operationId?: string): Promise<void> {
    const repetition = `operation ${operationId} was already counted`;
    const isText = ['text', 'wide'].includes(this.#settings.output);
    if (wasRepeated && !isText) this.#run.log.warn(`${repetition}; nothing was changed`);
    const outcome = wasRepeated ? `unchanged (${repetition})` : change;
    const lines = () => [`${subject(group.metadata.name)} ${outcome}, counter is ${counterOf(group)}`];
    await this.confirm({ objects: [group], lines });
  }

  /** Prints the line for a change. */
  confirmLine(line: string): void {
    this.#confirm(toText([line]));
  }

  /** Only warns when it cannot print: if the command failed, its caller would repeat the change. */
  #confirm(text: string, success = 'the change was made'): void {
    try {
      this.#run.stdout.write(text);
    } catch (error) {
      if (!(error instanceof OutputError)) throw error;
      if (!(error instanceof BrokenPipeError)) this.#run.log.warn(`${error.message}; ${success}`);
    }
  }

  close(): void {
    this.transport.close();
  }
}
