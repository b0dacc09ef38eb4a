// A logger that captures its lines.
import type { Logger } from '@konductor/operator';

export interface LoggedLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export function captureLog(): { logger: Logger; lines: readonly LoggedLine[] } {
  const lines: LoggedLine[] = [];
  const logAt =
    (level: LoggedLine['level']) =>
    (...args: [string] | [object, string]) => {
      const [fields, message] = args.length === 1 ? [{}, args[0]] : args;
      lines.push({ level, message, fields: { ...fields } });
    };
  return { logger: { debug: logAt('debug'), info: logAt('info'), warn: logAt('warn'), error: logAt('error') }, lines };
}
