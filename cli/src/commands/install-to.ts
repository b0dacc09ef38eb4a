// koncli install-to
import type { Command } from 'commander';
import { examples } from '../arguments/help.ts';
import type { Run } from '../arguments/invocation.ts';

const DESCRIPTION =
  'Copies koncli with a libc of its own into a folder, for containers whose image has neither. It is what an init ' +
  'container of koncli’s image does: the volume that it fills must be mounted at /konductor in the other containers, ' +
  'because that is the path at which koncli looks for its libc. Done again, it replaces the files one by one.';

/** Declares the command. */
export function defineInstallTo(parent: Command, run: Run): void {
  parent
    .command('install-to')
    .summary('copy koncli into a volume, for images without it')
    .description(DESCRIPTION)
    .argument('<dir>', 'the folder: a volume that others mount at /konductor')
    .addHelpText(
      'after',
      examples(['koncli install-to /target', 'args of an init container with the image konductor/koncli']),
    )
    .action(async (directory: string) => {
      const { copyFolder } = await import('../process/konductor-folder.ts');
      await copyFolder(run.executable, directory);
      run.stdout.write(`koncli copied to ${directory}\n`);
    });
}
