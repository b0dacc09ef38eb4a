// koncli completion
import { Argument, type Command } from 'commander';
import { examples } from '../arguments/help.ts';
import type { Run } from '../arguments/invocation.ts';
import { rejectFormat } from '../arguments/settings.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof SHELLS)[number];

const DESCRIPTION =
  'Generates a script that completes commands, flags and their values, and the names of WaitGroups, namespaces and ' +
  'contexts. To complete "kubectl konductor", kubectl needs koncli in the PATH as kubectl_complete-konductor, too.';

/** Declares the command. */
export function defineCompletion(parent: Command, run: Run): void {
  parent
    .command('completion')
    .summary('generate a shell completion script')
    .description(DESCRIPTION)
    .addArgument(new Argument('<shell>', 'shell to generate the script for').choices(SHELLS))
    .addHelpText(
      'after',
      examples(
        ['source <(koncli completion bash)', 'bash: add this to ~/.bashrc'],
        ['source <(koncli completion zsh)', 'zsh: add this to ~/.zshrc, after compinit'],
        ['koncli completion fish > ~/.config/fish/completions/koncli.fish', 'fish: run this once'],
        ['ln -s "$(command -v koncli)" ~/bin/kubectl_complete-konductor', 'kubectl konductor: run this once'],
      ),
    )
    .action(async (shell: Shell, _flags: unknown, command: Command) => {
      rejectFormat(command);
      const { SCRIPTS } = await import('../features/completion/scripts.ts');
      run.stdout.write(SCRIPTS[shell]);
    });
}
