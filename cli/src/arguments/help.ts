// What koncli’s help and usage errors add to those of commander.

import { type AddHelpTextContext, Command, type ErrorOptions } from 'commander';

/** The environment variables. */
export const VARIABLES_HELP = `
Environment, where no flag says otherwise:
  KUBECONFIG             kubeconfig to use
  KONDUCTOR_NAMESPACE    namespace
  KONDUCTOR_WAITGROUP    name of the WaitGroup
  KONDUCTOR_TIMEOUT      timeout, such as 30s
  HTTPS_PROXY, NO_PROXY  proxy to the API server, as for kubectl
  NO_COLOR               no colors on a terminal
`;

/** The exit codes. */
export const EXIT_CODES_HELP = `
Exit codes:
  0  it happened           3  timeout
  1  error                 4  permission denied
  2  not found             5  the API server is away, or the outcome is unknown
  run: that of the command`;

/** Subcommands made with `command()` are of this class too. */
export class UsageCommand extends Command {
  override createCommand(name?: string): UsageCommand {
    return new UsageCommand(name);
  }

  override error(message: string, options?: ErrorOptions): never {
    const line = message
      .replace(/^error: /, '')
      .trim()
      .replace(/\.?\s*\n\s*/g, ' ')
      .replace(/\.$/, '');
    return super.error(`koncli: ${line}; see ${pathOf(this)} --help`, options);
  }
}

function pathOf(command: Command): string {
  return command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name();
}

/** A line for the shell that begins with `koncli`, and what it is for. */
export type Example = readonly [line: string, purpose: string];
/** For `addHelpText('after', …)`; in a plugin of kubectl the lines begin with its name. */
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
