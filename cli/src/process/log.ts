// koncli's output on stderr: lines of four levels, and on a terminal a status line that is rewritten in place.
import { OutputError } from '../errors.ts';
import { oneLine } from './lines.ts';
import type { OutputStream } from './output-stream.ts';

/** From the least to the most verbose. */
export const LOG_LEVELS = ['error', 'warn', 'info', 'debug'] as const;
/** The minimum severity of what is logged. */
export type LogLevel = (typeof LOG_LEVELS)[number];

const CLEAR_LINE = '\r\x1b[K';
const GREEN = '\x1b[32m';
const PLAIN = '\x1b[39m';

/** Writes to stderr without mixing lines and the status line. */
export class Log {
  level: LogLevel = 'warn';
  readonly #stream: OutputStream;
  #status = '';

  constructor(stream: OutputStream) {
    this.#stream = stream;
  }

  error(text: string): void {
    this.#log('error', text);
  }

  warn(text: string): void {
    this.#log('warn', text);
  }

  info(text: string): void {
    this.#log('info', text);
  }

  debug(text: string): void {
    this.#log('debug', text);
  }

  /** Writes a line without a level, such as progress. */
  line(text: string): void {
    const clear = this.#status ? CLEAR_LINE : '';
    this.#write(`${clear}${oneLine(text)}\n${this.#status}`);
  }

  /** Replaces the status line; an empty text removes it. Only for terminals. `green`: how many characters of it are green. */
  status(text: string, green = 0): void {
    const line = oneLine(text);
    const status = green > 0 ? `${GREEN}${line.slice(0, green)}${PLAIN}${line.slice(green)}` : line;
    if (status === this.#status) return;
    this.#status = status;
    this.#write(`${CLEAR_LINE}${status}`);
  }

  /** A failure to write is ignored: there is nowhere else to report it. */
  #write(text: string): void {
    try {
      this.#stream.write(text);
    } catch (error) {
      if (!(error instanceof OutputError)) throw error;
    }
  }

  #log(level: LogLevel, text: string): void {
    if (LOG_LEVELS.indexOf(level) <= LOG_LEVELS.indexOf(this.level)) this.line(`koncli: ${text}`);
  }
}
