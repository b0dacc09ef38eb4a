// A guide as a reader goes through it: its blocks of code from the first to the last, each taken once. A block of text
// is the output of the commands before it.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { type CodeBlock, codeBlocks } from './code-blocks.ts';
import type { Reader } from './reader.ts';

export class Guide {
  readonly #blocks: CodeBlock[];
  readonly #reader: Reader;

  /** `docs/guides/NAME.md`. */
  constructor(name: string, reader: Reader) {
    const path = `docs/guides/${name}.md: `;
    this.#blocks = codeBlocks().filter((block) => block.name.startsWith(path));
    this.#reader = reader;
  }

  /** The next block's code; throws when it is of another language. */
  next(language: string): string {
    const block = this.#blocks.shift();
    if (block?.language !== language) throw new Error(`no block of ${language} is next, but ${block?.name}`);
    return block.code;
  }

  /** The blocks that no test took. */
  get rest(): string[] {
    return this.#blocks.map(({ name }) => name);
  }

  /** Saves the next manifest where the commands look for it, and returns it. */
  save(file: string): string {
    const manifest = this.next('yaml');
    writeFileSync(join(this.#reader.folder, file), manifest);
    return manifest;
  }

  /** Types the next commands, which succeed, and returns them. */
  async type(): Promise<string> {
    const commands = this.next('sh');
    expect(await this.#reader.type(commands)).toMatchObject({ code: 0 });
    return commands;
  }

  /** Types the next commands, which print what is shown after them. */
  async see(): Promise<void> {
    const { code, stdout, stderr } = await this.#reader.type(this.next('sh'));
    expect(code, stderr).toBe(0);
    this.shows(stdout);
  }

  /** The same of an output that has more lines, or these in another order. */
  async seeLines(): Promise<void> {
    const { code, stdout, stderr } = await this.#reader.type(this.next('sh'));
    expect(code, stderr).toBe(0);
    const shown = lasting(this.next('text')).split('\n');
    expect(lasting(stdout).split('\n')).toEqual(expect.arrayContaining(shown));
  }

  /** The same where they fail, and say so on stderr. */
  async seeFail(code: number): Promise<void> {
    const result = await this.#reader.type(this.next('sh'));
    expect(result).toMatchObject({ code });
    this.shows(result.stderr);
  }

  /** Takes the next block of text. */
  shows(output: string): void {
    expect(lasting(output)).toBe(lasting(this.next('text')));
  }
}

/** Ages, times, ids, names of a Deployment's pods and the width of columns are of the moment. */
function lasting(output: string): string {
  return output
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    .replace(/\b(\d+(\.\d+)?(ms|[hms]))+\b/g, 'SPAN')
    .replace(/[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}/g, 'UUID')
    .replace(/-[\da-z]{8,10}-[\da-z]{5}\b/g, '-POD')
    .replace(/ +$/gm, '')
    .replace(/ +/g, ' ');
}
