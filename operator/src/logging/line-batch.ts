// Lines that are logged in one turn of the event loop leave in one write: when a thousand groups are collected at once, a
// write for each line took a quarter of the time that the operator's own code took. See
// docs/decisions/0021-a-thousand-groups-at-once.md.

export class LineBatch {
  readonly #send: (lines: string) => void;
  #lines = '';

  constructor(send: (lines: string) => void) {
    this.#send = send;
  }

  write(line: string): void {
    if (this.#lines === '') setImmediate(() => this.flush());
    this.#lines += line;
  }

  /** Sends at once what there is: for a process that ends. */
  flush(): void {
    const lines = this.#lines;
    this.#lines = '';
    if (lines !== '') this.#send(lines);
  }
}
