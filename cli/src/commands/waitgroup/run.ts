// koncli waitgroup run
import { type Command, InvalidArgumentError } from 'commander';
import { examples } from '../../arguments/help.ts';
import type { Run } from '../../arguments/invocation.ts';
import { readName, readSettings, withSomeTime } from '../../arguments/settings.ts';
import { NAME } from '../../arguments/shared-arguments.ts';
import { parseTimeout, type Timeout } from '../../arguments/values.ts';
import { withSession } from '../../session/with-session.ts';

interface Flags {
  readonly add: boolean;
  readonly doneTimeout?: Timeout;
}

const DESCRIPTION =
  'Adds 1, runs the command, and says done when it succeeds; when it fails, its work stays counted. Ends with the exit code ' +
  'of the command (128 and the number of the signal that killed it; 126 and 127 when it cannot be run). --timeout is ' +
  'for the add alone (default: no limit). Signals go to the command.';

/** Declares the verb. */
export function defineRun(parent: Command, run: Run): void {
  const verb = parent
    .command('run')
    .summary('run a command as counted work')
    .usage('[options] [name] -- command [argument...]')
    .description(DESCRIPTION)
    .argument(...NAME)
    .argument('[command...]', 'what to run, without a shell: all that follows --')
    .option('--no-add', 'it was added by somebody else: only say done')
    .option('--done-timeout <duration>', 'how long to try to say done (default: no limit)', parseSomeTime)
    .addHelpText(
      'after',
      examples(
        ['koncli waitgroup run batch -- ./work --fast', 'count one more piece of work, from its begin to its success'],
        ['koncli waitgroup run -- ./work', 'the group of $KONDUCTOR_WAITGROUP'],
        ['koncli waitgroup run batch --no-add -- ./work', 'the coordinator has added it'],
      ),
    )
    .action(async (_name: string | undefined, _command: string[], { add, doneTimeout }: Flags, command: Command) => {
      const { own, words } = splitWords(command, run);
      const name = readName(own[0], run, command);
      const settings = withSomeTime(readSettings(command, run.env), command);
      const { readCommand } = await import('../../run/command.ts');
      const toRun = readCommand(words, run);
      await withSession(run, settings, async (session) => {
        const { AnonymousWork } = await import('../../run/work.ts');
        const { runCounted } = await import('../../run/run-counted.ts');
        await runCounted(toRun, new AnonymousWork(session, run, { name, isAddedHere: add, doneTimeout }), run);
      });
    });
  // Its complaint about the command's own flags would hide what is wrong.
  if (!run.argv.includes('--')) verb.allowUnknownOption();
}

/** The words of the command, and koncli's own before them; commander has them all, and does not tell where `--` was. */
function splitWords(command: Command, { argv, program }: Run) {
  const words = argv.includes('--') ? argv.slice(argv.indexOf('--') + 1) : [];
  const own = command.args.slice(0, command.args.length - words.length);
  if (!argv.includes('--')) command.error(`put -- before the command, as in: ${program} waitgroup run batch -- ./work`);
  if (own.length > 1) command.error(`only the name of the WaitGroup goes before --, not also '${own[1]}'`);
  if (words.length === 0) command.error('what is to be run? Give the command after --');
  return { own, words };
}

function parseSomeTime(text: string): Timeout {
  const timeout = parseTimeout(text);
  if (timeout.ms === 0) throw new InvalidArgumentError('Give it some time, like 10m.');
  return timeout;
}
