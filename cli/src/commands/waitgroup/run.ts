// koncli waitgroup run
import { type Command, InvalidArgumentError, Option } from 'commander';
import { examples } from '../../arguments/help.ts';
import type { Run } from '../../arguments/invocation.ts';
import { readName, readSettings, rejectFormat, withSomeTime } from '../../arguments/settings.ts';
import { NAME } from '../../arguments/shared-arguments.ts';
import { parseTimeout, type Timeout } from '../../arguments/values.ts';
import { addWorkerOptions } from '../../arguments/worker.ts';
import type { Work, WorkOptions } from '../../features/run/work.ts';
import type { Session } from '../../session/session.ts';
import { withSession } from '../../session/with-session.ts';

interface Flags {
  readonly add: boolean;
  readonly onFailure: 'keep' | 'fail';
  readonly doneTimeout?: Timeout;
}

const DESCRIPTION =
  'Adds 1, runs the command, and marks its work done if it succeeds. If it fails, the work stays outstanding, or ' +
  'with --on-failure=fail fails the WaitGroup, unless koncli was told to stop (SIGTERM, Ctrl-C). Exits with ' +
  'the code of the command (128+n if signal n killed it, 126 or 127 if it cannot be run). --timeout limits only the add ' +
  '(default: no limit). Signals are forwarded to the command.';

/** Declares the verb. */
export function defineRun(parent: Command, run: Run): void {
  const verb = parent
    .command('run')
    .summary('run a command as one unit of work')
    .usage('[options] [name] -- command [argument...]')
    .description(DESCRIPTION)
    .argument(...NAME)
    .argument('[command...]', 'command to run, without a shell: everything after --')
    .option('--no-add', 'do not add; another process has already added this work')
    .addOption(
      new Option(
        '--on-failure <action>',
        'if the command fails: keep its work outstanding for a retry, or fail the WaitGroup',
      )
        .choices(['keep', 'fail'])
        .default('keep'),
    )
    .option(
      '--done-timeout <duration>',
      'time limit for marking the work done or failed (default: no limit)',
      parseDoneTimeout,
    );
  addWorkerOptions(verb, 'auto in a pod, else none')
    .addHelpText(
      'after',
      examples(
        ['koncli waitgroup run batch -- ./work --fast', 'count ./work as one unit of work'],
        ['koncli waitgroup run batch --worker worker-7 -- ./work', 'count it once, even if it is started again'],
        ['koncli waitgroup run -- ./work', 'in the WaitGroup of $KONDUCTOR_WAITGROUP'],
        ['koncli waitgroup run batch --no-add -- ./work', 'the coordinator has already added this work'],
        ['koncli waitgroup run batch --on-failure=fail -- ./work', 'nothing retries ./work: waits end if it fails'],
      ),
    )
    .action(async (_name: string | undefined, _command: string[], flags: Flags, command: Command) => {
      const { add, onFailure, doneTimeout } = flags;
      rejectFormat(command);
      const { own, words } = splitWords(command, run);
      const name = readName(own[0], run, command);
      const settings = withSomeTime(readSettings(command, run.env), command);
      const { readCommand } = await import('../../features/run/command.ts');
      const { CommandError } = await import('../../features/run/errors.ts');
      const toRun = readCommand(words, run);
      // Work that another process has added fails with it, too.
      if (toRun instanceof CommandError && (add || onFailure === 'keep')) throw toRun;
      await withSession(run, settings, async (session) => {
        const { runCounted } = await import('../../features/run/run-counted.ts');
        const options = { name, isAddedHere: add, failsWithCommand: onFailure === 'fail', doneTimeout };
        await runCounted(toRun, await workOf(options, session, run), run);
      });
    });
  // Else commander rejects the command's own flags, which would hide that -- is missing.
  if (!run.argv.includes('--')) verb.allowUnknownOption();
}

async function workOf(options: WorkOptions, session: Session, run: Run): Promise<Work> {
  const worker = session.workerOf(options.name);
  if (worker) {
    const { WorkerWork } = await import('../../features/run/worker-work.ts');
    return new WorkerWork(worker, { session, run }, options);
  }
  const { AnonymousWork } = await import('../../features/run/anonymous-work.ts');
  return new AnonymousWork(session, run, options);
}

/** Separates the words of the command from koncli's own arguments: commander does not report where `--` was. */
function splitWords(command: Command, { argv, program }: Run) {
  const words = argv.includes('--') ? argv.slice(argv.indexOf('--') + 1) : [];
  const own = command.args.slice(0, command.args.length - words.length);
  if (!argv.includes('--')) command.error(`put -- before the command, as in: ${program} waitgroup run batch -- ./work`);
  if (own.length > 1) command.error(`unexpected argument '${own[1]}': only the name of the WaitGroup goes before --`);
  if (words.length === 0) command.error('no command: give it after --');
  return { own, words };
}

function parseDoneTimeout(text: string): Timeout {
  const timeout = parseTimeout(text);
  if (timeout.ms === 0) throw new InvalidArgumentError('It must be longer than 0, such as 10m.');
  return timeout;
}
