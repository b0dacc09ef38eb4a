// The logger interface of the framework layer: the base's logger, with fields.
import type { OperatorLogger } from './dot-i.ts';

type Log = { (message: string): void; (fields: object, message: string): void };

/** Messages are constant; everything that varies is a field (`err` for an error). pino's loggers implement it. */
export interface Logger extends OperatorLogger {
  readonly debug: Log;
  readonly info: Log;
  readonly warn: Log;
  readonly error: Log;
}
