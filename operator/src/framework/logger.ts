// What the framework logs through: the base's logger, with fields.
import type { OperatorLogger } from './dot-i.ts';

type Log = { (message: string): void; (fields: object, message: string): void };

/** Messages are constant, what varies is in the fields (`err` for an error); pino's loggers fit. */
export interface Logger extends OperatorLogger {
  readonly debug: Log;
  readonly info: Log;
  readonly warn: Log;
  readonly error: Log;
}
