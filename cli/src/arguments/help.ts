// The parts of koncli's help and usage errors that commander does not generate.
import { type AddHelpTextContext, Command, type ErrorOptions } from 'commander';
import { withSuggestion } from './suggestions.ts';

/** The environment variables, for the help. */
export const VARIABLES_HELP = `
Environment variables (flags take precedence):
  KUBECONFIG             path to the kubeconfig
  KONDUCTOR_NAMESPACE    namespace
  KONDUCTOR_WAITGROUP    name of the WaitGroup
  KONDUCTOR_TIMEOUT      time limit, such as 30s
  KONDUCTOR_WORKER_ID    ID of the worker, or auto
  HTTPS_PROXY, NO_PROXY  proxy for the API server, as in kubectl
  NO_COLOR               disable colors
`;

/** The exit codes, for the help. */
export const EXIT_CODES_HELP = `
Exit codes:
  0  success      4  permission denied
  1  error        5  API server unavailable, or unknown outcome
  2  not found    6  the work has failed (wait)
  3  timeout
  run exits with the code of its command`;

/** A command whose usage errors are one line. Its subcommands are of this class, too. */
export class UsageCommand extends Command {
  override createCommand(name?: string): UsageCommand {
    return new UsageCommand(name);
  }

  override error(message: string, options?: ErrorOptions): never {
    const line = message
      .replace(/^error: /, '')
      .replace(/^command-argument value ('.*') is invalid for argument '(.*?)'/, '$1 is invalid for <$2>')
      .trim()
      .replace(/\.?\s*\n\s*/g, ' ')
      .replace(/\.$/, '');
    return super.error(`koncli: ${withSuggestion(this, line)}; see ${pathOf(this)} --help`, options);
  }
}

function pathOf(command: Command): string {
  return command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name();
}

/** A shell command that begins with `koncli`, and its purpose. */
export type Example = readonly [line: string, purpose: string];

/** The argument of `addHelpText('after', …)`. When koncli runs as a kubectl plugin, the commands begin with `kubectl konductor`. */
export function examples(...all: readonly Example[]): (context: AddHelpTextContext) => string {
  return ({ command }) => {
    const program = rootOf(command).name();
    const shown = all.map(
      ([line, purpose]) => `  # ${purpose}\n  ${line.replaceAll(/\bkoncli (?=[a-z])/g, `${program} `)}`,
    );
    return `\nExamples:\n${shown.join('\n')}`;
  };
}

function rootOf(command: Command): Command {
  return command.parent ? rootOf(command.parent) : command;
}
