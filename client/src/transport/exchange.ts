// One request in flight and its response: the deadline and the caller's signal that abort them, and the error that a failure
// becomes.
import { ConnectionError } from '../connect/connection.ts';
import { Deadline, formatMs } from '../core/deadline.ts';
import { AbortedError, UnavailableError } from '../core/errors.ts';
import type { HttpRequest } from '../http/request.ts';
import { errorFromSocket } from '../http/socket-errors.ts';
import type { KubeRequest } from './kube-request.ts';

const REQUEST_TIMEOUT_MS = 30_000;
/** etcd stores objects of at most 1.5 MiB by default. Far longer text of brackets would keep JSON.parse busy beyond each deadline. */
const MAX_RESPONSE_LENGTH = 8 * 2 ** 20;

export class Exchange {
  code = 0;
  retryAfterSeconds: number | undefined;
  date: string | undefined;
  readonly #request: HttpRequest;
  readonly #maxResponseLength: number;
  readonly #timeoutMs: number;
  readonly #deadline: Deadline;

  constructor(request: HttpRequest, options: KubeRequest) {
    const { signal, timeoutMs = REQUEST_TIMEOUT_MS, maxResponseLength = MAX_RESPONSE_LENGTH } = options;
    this.#request = request;
    this.#maxResponseLength = maxResponseLength;
    this.#timeoutMs = timeoutMs;
    this.#deadline = new Deadline(timeoutMs, signal);
    const abort = () => request.destroy(new Error('aborted'));
    this.#deadline.signal.addEventListener('abort', abort, { once: true });
  }

  async head(): Promise<void> {
    try {
      const { code, retryAfter, date } = await this.#request.head();
      this.code = code;
      this.date = date;
      const seconds = Number(retryAfter);
      if (Number.isFinite(seconds)) this.retryAfterSeconds = seconds;
    } catch (error) {
      throw this.#fail(error);
    }
  }

  /** Returns the whole body, within the deadline of the request. */
  async text(): Promise<string> {
    let text = '';
    for await (const chunk of this.#read(this.#maxResponseLength)) text += chunk;
    return text;
  }

  /** Yields the body as it arrives, without a deadline. */
  chunks(): AsyncGenerator<string> {
    this.#deadline.stopClock();
    return this.#read(Number.POSITIVE_INFINITY);
  }

  async *#read(maxLength: number): AsyncGenerator<string> {
    try {
      yield* this.#request.body(maxLength);
    } catch (error) {
      throw this.#fail(error);
    } finally {
      this.#deadline.release();
    }
  }

  #fail(error: unknown): Error {
    const { signal, isOver } = this.#deadline;
    const { mayHaveArrived } = this.#request;
    this.#deadline.release();
    if (error instanceof ConnectionError) return error;
    if (isOver) return new UnavailableError(`no response within ${formatMs(this.#timeoutMs)}`, { mayHaveArrived });
    if (signal.aborted) return new AbortedError('aborted', { cause: signal.reason, mayHaveArrived });
    return errorFromSocket(error, mayHaveArrived);
  }
}
