// koncli's output on stderr: lines of four levels, and on a terminal a status line that is rewritten in place.
import { OutputError } from '../errors.ts';
import type { OutputStream } from './output-stream.ts';

/** From the least to the most verbose. */
export const LOG_LEVELS = ['error', 'warn', 'info', 'debug'] as const;
/** The minimum severity of what is logged. */
export type LogLevel = (typeof LOG_LEVELS)[number];

const CLEAR_LINE = '\r\x1b[K';

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
    this.write(`${clear}${text}\n${this.#status}`);
  }

  /** Replaces the status line; an empty text removes it. Only for terminals. */
  status(text: string): void {
    if (text === this.#status) return;
    this.#status = text;
    this.write(`${CLEAR_LINE}${text}`);
  }

  /** Writes a text as it is. A failure to write is ignored: there is nowhere else to report it. */
  write(text: string): void {
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

/** Makes one line of a text from elsewhere, without characters that move the cursor or change the text direction. */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Bidi_Control}\s]+/gu, ' ').trim();
}
