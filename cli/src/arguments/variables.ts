// The values of environment variables. An invalid one is a usage error that names it.
import { type Command, InvalidArgumentError } from 'commander';
import type { Environment } from './invocation.ts';

/** The value of an environment variable; undefined if it is unset or empty. */
export function readVariable<T>(
  command: Command,
  env: Environment,
  variable: string,
  parse: (text: string) => T,
): T | undefined {
  const text = env[variable];
  return text ? check(command, () => parse(text), `${variable}='${text}': `) : undefined;
}

/** Makes a usage error of an invalid value. */
export function check<T>(command: Command, parse: () => T, prefix = ''): T {
  try {
    return parse();
  } catch (error) {
    // Commander puts the message behind a sentence of its own, here it continues one.
    if (error instanceof InvalidArgumentError)
      command.error(prefix + (prefix ? error.message.replace(/^It /, 'it ') : error.message));
    throw error;
  }
}
