// koncli help
import type { Command } from 'commander';

/** Declares the command in place of commander's own, which reads only the first word. */
export function defineHelp(parent: Command): void {
  parent
    .helpCommand(false)
    .command('help')
    .summary('show help for a command')
    .description('Shows the same as --help of the command.')
    .argument('[command...]', 'command to show help for')
    .action((path: string[]) => findCommand(parent, path).help());
}

function findCommand(command: Command, [name, ...rest]: readonly string[]): Command {
  if (name === undefined) return command;
  const found = command.commands.find((one) => one.name() === name || one.aliases().includes(name));
  return found ? findCommand(found, rest) : command.error(`unknown command '${name}'`);
}
