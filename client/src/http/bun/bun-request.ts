// One request over a socket of Bun's: what its connection reports of it, put together for who waits for the answer.
import { type HttpHead, type HttpRequest, tooLong } from '../request.ts';

/** What carries it. */
export interface Carrier {
  /** Gives up the connection. */
  terminate(): void;
}

export class BunRequest implements HttpRequest {
  mayHaveArrived = false;
  readonly #carrier: Carrier;
  readonly #head = Promise.withResolvers<HttpHead>();
  readonly #end = Promise.withResolvers<void>();
  readonly #parts: Buffer[] = [];
  #length = 0;
  #maxLength = Number.POSITIVE_INFINITY;
  #isOver = false;

  constructor(carrier: Carrier) {
    this.#carrier = carrier;
    // Whoever asks for one of them only is not told of the other.
    this.#head.promise.catch(() => {});
    this.#end.promise.catch(() => {});
  }

  head(): Promise<HttpHead> {
    return this.#head.promise;
  }

  /** In one piece: streams go another way. */
  async *body(maxLength: number): AsyncGenerator<string> {
    this.#maxLength = maxLength;
    this.#limit();
    await this.#end.promise;
    yield Buffer.concat(this.#parts).toString();
  }

  destroy(reason: Error): void {
    if (this.#isOver) return;
    this.fail(reason);
    this.#carrier.terminate();
  }

  receiveHead(head: HttpHead): void {
    this.#head.resolve(head);
  }

  receiveBody(part: Buffer): void {
    this.#parts.push(part);
    this.#length += part.length;
    this.#limit();
  }

  #limit(): void {
    if (this.#length > this.#maxLength) this.destroy(tooLong(this.#maxLength));
  }

  complete(): void {
    this.#isOver = true;
    this.#end.resolve();
  }

  fail(reason: Error): void {
    this.#isOver = true;
    this.#head.reject(reason);
    this.#end.reject(reason);
  }
}
