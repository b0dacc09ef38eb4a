// A shell on a real terminal, whose screen is read as it is shown: the terminal is script's, its emulator xterm's.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import xterm from '@xterm/headless';
import { eventually } from '../../support/waiting/eventually.ts';

/** A part of a line in one color. */
export interface Span {
  readonly text: string;
  readonly isGreen: boolean;
}

/** The lines from the top to the cursor. */
export type Screen = readonly (readonly Span[])[];

export const COLUMNS = 84;
const ROWS = 24;
const GREEN = 2;

export class RecordedTerminal {
  readonly #child: ChildProcess;
  readonly #emulator = new xterm.Terminal({ cols: COLUMNS, rows: ROWS, allowProposedApi: true });
  readonly #closed: Promise<unknown>;

  /** The prompt is `$ `. */
  constructor(env: NodeJS.ProcessEnv) {
    const shell = `stty cols ${COLUMNS} rows ${ROWS}; exec sh -i`;
    this.#child = spawn('script', ['-qec', shell, '/dev/null'], {
      env: { ...env, PS1: '$ ', TERM: 'xterm' },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#child.stdout?.on('data', (chunk) => this.#emulator.write(chunk));
    this.#closed = once(this.#child, 'close');
  }

  /** The screen once its last line is as wanted. */
  until(what: string, isShown: (lastLine: string) => boolean): Promise<Screen> {
    return eventually(what, () => isShown(this.#line(this.#cursorRow).trimEnd()) && this.#screen());
  }

  /** The screen with the typed command, which then runs. */
  async type(command: string): Promise<Screen> {
    await this.until('the prompt', (line) => line === '$');
    this.#child.stdin?.write(command);
    const typed = await this.until(command, (line) => line === `$ ${command}`);
    this.#child.stdin?.write('\n');
    return typed;
  }

  async close(): Promise<void> {
    this.#child.stdin?.end('exit\n');
    await this.#closed;
  }

  get #cursorRow(): number {
    return this.#emulator.buffer.active.cursorY;
  }

  #line(row: number): string {
    return this.#emulator.buffer.active.getLine(row)?.translateToString(true) ?? '';
  }

  #screen(): Screen {
    return Array.from({ length: this.#cursorRow + 1 }, (_, row) => this.#spans(row));
  }

  #spans(row: number): Span[] {
    const line = this.#emulator.buffer.active.getLine(row);
    const spans: Span[] = [];
    for (const [column, text] of [...this.#line(row)].entries()) {
      const cell = line?.getCell(column);
      const isGreen = cell?.isFgPalette() === true && cell.getFgColor() === GREEN;
      const last = spans.at(-1);
      if (last?.isGreen === isGreen) spans.splice(-1, 1, { text: last.text + text, isGreen });
      else spans.push({ text, isGreen });
    }
    return spans;
  }
}
