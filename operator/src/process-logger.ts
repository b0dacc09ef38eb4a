// JSON lines on stdout, in the field names that log collectors know.
import { pino } from 'pino';
import type { Logger } from './framework/logger.ts';

export function createLogger(level: string): Logger {
  return pino({
    level,
    base: null,
    messageKey: 'msg',
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { err: describeError },
    formatters: { level: (label) => ({ level: label }) },
  });
}

/** pino takes the type from the class, whose name the compiled executable has lost. */
function describeError(err: unknown): unknown {
  if (!(err instanceof Error)) return err;
  return { ...pino.stdSerializers.err(err), type: err.name };
}
