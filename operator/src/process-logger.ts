// JSON lines on stdout, in the field names that log collectors know.
import { pino } from 'pino';
import type { Logger } from './framework/logger.ts';

export function createLogger(level: string): Logger {
  return pino({
    level,
    base: null,
    messageKey: 'msg',
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
  });
}
