// The examples at the end of a command's help.
import type { AddHelpTextContext, Command } from 'commander';

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
