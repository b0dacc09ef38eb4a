// koncli help
import type { Command } from 'commander';

/** Declares it in place of commander's own, which looks no further than at the first word. */
export function defineHelp(parent: Command): void {
  parent
    .helpCommand(false)
    .command('help')
    .summary('show the help of a command')
    .description('Shows what the command shows with --help.')
    .argument('[command...]', 'the command')
    .action((path: string[]) => findCommand(parent, path).help());
}

function findCommand(command: Command, [name, ...rest]: readonly string[]): Command {
  if (name === undefined) return command;
  const found = command.commands.find((one) => one.name() === name || one.aliases().includes(name));
  return found ? findCommand(found, rest) : command.error(`unknown command '${name}'`);
}
