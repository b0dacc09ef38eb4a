// What koncli says on stderr: lines of four levels, and on a terminal one line that is rewritten in place.
import { OutputError } from '../errors.ts';
import type { OutputStream } from './output-stream.ts';

/** From the least to the most talkative. */
export const LOG_LEVELS = ['error', 'warn', 'info', 'debug'] as const;
/** How much is said. */
export type LogLevel = (typeof LOG_LEVELS)[number];

const CLEAR_LINE = '\r\x1b[K';

/** Writes to stderr, so that lines and the status line never tear each other apart. */
export class Log {
  level: LogLevel = 'warn';
  readonly #stream: OutputStream;
  #status = '';

  constructor(stream: OutputStream) {
    this.#stream = stream;
  }

  error(text: string): void {
    this.#say('error', text);
  }

  warn(text: string): void {
    this.#say('warn', text);
  }

  info(text: string): void {
    this.#say('info', text);
  }

  debug(text: string): void {
    this.#say('debug', text);
  }

  /** A line without a level: the progress of what was asked for. */
  line(text: string): void {
    const clear = this.#status ? CLEAR_LINE : '';
    this.write(`${clear}${text}\n${this.#status}`);
  }

  /** Replaces the status line; an empty one removes it. For terminals only. */
  status(text: string): void {
    if (text === this.#status) return;
    this.#status = text;
    this.write(`${CLEAR_LINE}${text}`);
  }

  /** Text as it is. That it cannot be written is ignored: there is no other place to report it. */
  write(text: string): void {
    try {
      this.#stream.write(text);
    } catch (error) {
      if (!(error instanceof OutputError)) throw error;
    }
  }

  #say(level: LogLevel, text: string): void {
    if (LOG_LEVELS.indexOf(level) <= LOG_LEVELS.indexOf(this.level)) this.line(`koncli: ${text}`);
  }
}

// Texts of others, made fit for a line of a terminal.
/** In one line, and without what would move the cursor or turn the direction of the text. */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Bidi_Control}\s]+/gu, ' ').trim();
}
