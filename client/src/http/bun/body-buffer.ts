// Collects the body of a response in one buffer: kept as parts, a body in chunks of one byte would take a hundred times its length.

const FIRST_CAPACITY = 4 * 2 ** 10;

export class BodyBuffer {
  length = 0;
  #bytes = Buffer.allocUnsafe(0);

  append(part: Buffer): void {
    const length = this.length + part.length;
    if (length > this.#bytes.length) this.#grow(Math.max(length, 2 * this.#bytes.length, FIRST_CAPACITY));
    part.copy(this.#bytes, this.length);
    this.length = length;
  }

  toString(): string {
    return this.#bytes.toString('utf8', 0, this.length);
  }

  #grow(capacity: number): void {
    const bytes = Buffer.allocUnsafe(capacity);
    this.#bytes.copy(bytes);
    this.#bytes = bytes;
  }
}
