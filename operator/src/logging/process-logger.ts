// JSON lines on stdout, in the field names that log collectors know.
import { pino } from 'pino';
import type { Logger } from '../framework/logger.ts';
import { LineBatch } from './line-batch.ts';

export function createLogger(level: string): Logger {
  const batch = new LineBatch((lines) => process.stdout.write(lines));
  process.on('exit', () => batch.flush());
  const options = {
    level,
    base: null,
    messageKey: 'msg',
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { err: describeError },
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return pino(options, batch);
}

/** pino takes the type from the class, whose name the compiled executable has lost. */
function describeError(err: unknown): unknown {
  if (!(err instanceof Error)) return err;
  return { ...pino.stdSerializers.err(err), type: err.name };
}
