// One request under way and its answer: what ends both (the deadline, the caller's signal, the reader), how far the request
// came, and what the answer's body means.
import { ConnectionError } from '../connect/connection.ts';
import { AbortedError, errorFromStatus, type KubeStatus, UnavailableError } from '../core/errors.ts';
import type { HttpRequest } from '../http/request.ts';
import { errorFromSocket } from '../http/socket-errors.ts';
import type { KubeRequest } from './kube-request.ts';

const REQUEST_TIMEOUT_MS = 30_000;
/** An object is a few megabytes at most, as etcd is set up. */
const MAX_ANSWER_LENGTH = 32 * 2 ** 20;

export class Exchange {
  code = 0;
  retryAfterSeconds: number | undefined;
  readonly #request: HttpRequest;
  readonly #maxAnswerLength: number;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort: () => void;
  readonly #timer: NodeJS.Timeout;
  #expiry: Error | undefined;

  constructor(request: HttpRequest, options: KubeRequest) {
    const { signal, timeoutMs = REQUEST_TIMEOUT_MS, maxAnswerLength = MAX_ANSWER_LENGTH } = options;
    this.#request = request;
    this.#maxAnswerLength = maxAnswerLength;
    this.#signal = signal;
    this.#onAbort = () => request.destroy(new Error('aborted'));
    this.#timer = setTimeout(() => this.#expire(timeoutMs), timeoutMs);
    signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  async head(): Promise<void> {
    try {
      const { code, retryAfter } = await this.#request.head();
      this.code = code;
      const seconds = Number(retryAfter);
      if (Number.isFinite(seconds)) this.retryAfterSeconds = seconds;
    } catch (error) {
      throw this.#fail(error);
    }
  }

  /** All of the body, within the deadline of the request. */
  async text(): Promise<string> {
    let text = '';
    for await (const chunk of this.#read(this.#maxAnswerLength)) text += chunk;
    return text;
  }

  /** The body as it comes; the deadline was for the head alone. */
  chunks(): AsyncGenerator<string> {
    clearTimeout(this.#timer);
    return this.#read(Number.POSITIVE_INFINITY);
  }

  async *#read(maxLength: number): AsyncGenerator<string> {
    try {
      yield* this.#request.body(maxLength);
    } catch (error) {
      throw this.#fail(error);
    } finally {
      this.#release();
    }
  }

  #expire(timeoutMs: number): void {
    this.#expiry = new Error(`no answer within ${timeoutMs} ms`);
    this.#request.destroy(this.#expiry);
  }

  #release(): void {
    clearTimeout(this.#timer);
    this.#signal?.removeEventListener('abort', this.#onAbort);
  }

  #fail(error: unknown): Error {
    this.#release();
    if (error instanceof ConnectionError) return error;
    const { mayHaveArrived } = this.#request;
    if (this.#signal?.aborted) return new AbortedError('aborted', { cause: this.#signal.reason, mayHaveArrived });
    return errorFromSocket(this.#expiry ?? error, mayHaveArrived);
  }
}

/** A body that is cut off, to nothing even, or not the API server's own says nothing about what became of the request. */
export function parseAnswer(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new UnavailableError('the answer is not JSON', { cause, mayHaveArrived: true });
  }
}

/** The typed error for an answer that is no success. */
export async function errorFromAnswer(exchange: Exchange): Promise<Error> {
  const status = parseStatus(await exchange.text());
  const { retryAfterSeconds } = exchange;
  if (retryAfterSeconds === undefined || status.details?.retryAfterSeconds)
    return errorFromStatus(exchange.code, status);
  return errorFromStatus(exchange.code, { ...status, details: { ...status.details, retryAfterSeconds } });
}

function parseStatus(text: string): KubeStatus {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === 'object' && parsed !== null) return parsed;
  } catch {
    // Not from the API server's own handlers: a proxy's page, or "404 page not found" of an unknown path.
  }
  return { message: text.trim().split('\n', 1)[0] || 'no reason given' };
}
