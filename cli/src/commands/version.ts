// koncli version
import type { Command } from 'commander';
import type { Run } from '../arguments/invocation.ts';
import { readFormat } from '../arguments/settings.ts';
import { printDocument } from '../output/output.ts';
import { toText } from '../process/lines.ts';
import { VERSION } from '../version.ts';

/** Declares the command. */
export function defineVersion(parent: Command, run: Run): void {
  parent
    .command('version')
    .summary('show the version of koncli')
    .description('Shows the version of koncli and its runtime. Does not contact the cluster.')
    .option('--licenses', 'print the licenses of koncli and of everything that it contains')
    .action(async ({ licenses }: { readonly licenses?: boolean }, command: Command) => {
      const { runtime } = run;
      if (licenses) {
        const { readLicenses } = await import('../process/licenses.ts');
        run.stdout.write(await readLicenses());
        return;
      }
      const output = readFormat(command);
      const isDocument = output === 'json' || output === 'yaml';
      run.stdout.write(
        isDocument
          ? await printDocument({ version: VERSION, runtime }, output)
          : toText([`koncli ${VERSION} (${runtime})`]),
      );
    });
}
