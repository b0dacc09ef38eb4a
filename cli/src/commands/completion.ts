// koncli completion
import { Argument, type Command } from 'commander';
import { examples } from '../arguments/help.ts';
import type { Run } from '../arguments/invocation.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof SHELLS)[number];

const DESCRIPTION =
  'Prints a script that completes commands, flags and their values, and the names of WaitGroups, namespaces and ' +
  'contexts. kubectl completes "kubectl konductor" when it finds koncli as kubectl_complete-konductor in the PATH, too.';

/** Declares the command. */
export function defineCompletion(parent: Command, run: Run): void {
  parent
    .command('completion')
    .summary('print what makes a shell complete koncli')
    .description(DESCRIPTION)
    .addArgument(new Argument('<shell>', 'the shell').choices(SHELLS))
    .addHelpText(
      'after',
      examples(
        ['source <(koncli completion bash)', 'in ~/.bashrc'],
        ['source <(koncli completion zsh)', 'in ~/.zshrc, after compinit'],
        ['koncli completion fish > ~/.config/fish/completions/koncli.fish', 'once'],
        ['ln -s "$(command -v koncli)" ~/bin/kubectl_complete-konductor', 'for kubectl konductor'],
      ),
    )
    .action(async (shell: Shell) => {
      const { SCRIPTS } = await import('../completion/scripts.ts');
      run.stdout.write(SCRIPTS[shell]);
    });
}
