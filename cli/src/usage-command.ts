// A commander command whose complaints are one line each and say where help is.
import { Command, type ErrorOptions } from 'commander';

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
