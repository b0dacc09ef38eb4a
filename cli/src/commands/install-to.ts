// koncli install-to
import type { Command } from 'commander';
import { examples } from '../arguments/help.ts';
import type { Run } from '../arguments/invocation.ts';
import { rejectFormat } from '../arguments/settings.ts';
import { toText } from '../process/lines.ts';

const DESCRIPTION =
  'Copies koncli and its libc to a directory, for containers whose image has neither. Run it in an init container with ' +
  'the koncli image, and mount the volume at /konductor in the other containers: koncli looks for its libc there. ' +
  'Running it again replaces the files one by one.';

/** Declares the command. */
export function defineInstallTo(parent: Command, run: Run): void {
  parent
    .command('install-to')
    .summary('copy koncli to a volume for other containers')
    .description(DESCRIPTION)
    .argument('<dir>', 'target directory: a volume that other containers mount at /konductor')
    .addHelpText(
      'after',
      examples(['koncli install-to /target', 'arguments of an init container with the image of koncli']),
    )
    .action(async (directory: string, _flags: unknown, command: Command) => {
      rejectFormat(command);
      const { copyFolder } = await import('../process/konductor-folder.ts');
      await copyFolder(run.executable, directory);
      run.stdout.write(toText([`koncli copied to ${directory}`]));
    });
}
