// A guide as a reader goes through it: its blocks of code from the first to the last, each taken once.
import { type CodeBlock, codeBlocks } from './code-blocks.ts';

export class Guide {
  readonly #blocks: CodeBlock[];

  /** Of `docs/guides/NAME.md`. */
  constructor(name: string) {
    const path = `docs/guides/${name}.md: `;
    this.#blocks = codeBlocks().filter((block) => block.name.startsWith(path));
  }

  /** The next block's code; throws when it is of another language. */
  next(language: string): string {
    const block = this.#blocks.shift();
    if (block?.language !== language) throw new Error(`no block of ${language} is next, but ${block?.name}`);
    return block.code;
  }

  /** What nobody took. */
  get rest(): string[] {
    return this.#blocks.map(({ name }) => name);
  }
}
