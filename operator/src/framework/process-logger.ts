// Logs JSON lines to stdout, with the field names that log collectors know.
import { pino } from 'pino';
import type { Logger } from './logger.ts';

export function createLogger(level: string): Logger {
  const options = {
    level,
    base: null,
    messageKey: 'msg',
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { err: describeError },
    formatters: { level: (label: string) => ({ level: label }) },
  };
  // A write in the background that is in flight at exit is lost, and with it the line that says why the process ends:
  // docs/decisions/0021-a-thousand-groups-at-once.md.
  return pino(options, pino.destination({ sync: true }));
}

/** pino takes the type from the class, whose name is minified in the compiled executable. */
function describeError(err: unknown): unknown {
  if (!(err instanceof Error)) return err;
  return { ...pino.stdSerializers.err(err), type: err.name };
}
