// The tree of koncli's commands. Each verb is defined in a file of its own.
import { addGlobalOptions, type GlobalFlags } from './arguments/global-options.ts';
import { EXIT_CODES_HELP, UsageCommand, VARIABLES_HELP } from './arguments/help.ts';
import type { Run } from './arguments/invocation.ts';
import { defineCompletion } from './commands/completion.ts';
import { defineDoctor } from './commands/doctor.ts';
import { defineHelp } from './commands/help.ts';
import { defineInstallTo } from './commands/install-to.ts';
import { defineStatus } from './commands/status.ts';
import { defineVersion } from './commands/version.ts';
import { defineAdd } from './commands/waitgroup/add.ts';
import { defineCreate } from './commands/waitgroup/create.ts';
import { defineDelete } from './commands/waitgroup/delete.ts';
import { defineDone } from './commands/waitgroup/done.ts';
import { defineFail } from './commands/waitgroup/fail.ts';
import { defineGet } from './commands/waitgroup/get.ts';
import { defineList } from './commands/waitgroup/list.ts';
import { defineRelease } from './commands/waitgroup/release.ts';
import { defineRun } from './commands/waitgroup/run.ts';
import { defineSet } from './commands/waitgroup/set.ts';
import { defineWaitGroupStatus } from './commands/waitgroup/status.ts';
import { defineWait } from './commands/waitgroup/wait.ts';
import { DEFAULT_COLUMNS } from './process/output-stream.ts';

/** Both in the order of the help. */
const WAIT_GROUP_VERBS = [
  defineCreate,
  defineAdd,
  defineDone,
  defineFail,
  defineWait,
  defineRun,
  defineGet,
  defineList,
  defineWaitGroupStatus,
  defineRelease,
  defineSet,
  defineDelete,
];
const COMMANDS = [defineStatus, defineDoctor, defineCompletion, defineInstallTo, defineVersion];

/** Parsing runs the command. Help and usage errors are printed, then thrown as CommanderError. */
export function createProgram(run: Run): UsageCommand {
  const program = new UsageCommand(run.program);
  configure(program, run);
  addGlobalOptions(program);
  const waitGroup = program
    .command('waitgroup')
    .alias('wg')
    .summary('count work and wait until all of it is done')
    .description(
      'A WaitGroup counts outstanding work in the cluster: add raises its counter, done lowers it, wait returns at zero. If work fails, fail ends all waits.',
    );
  for (const define of WAIT_GROUP_VERBS) define(waitGroup, run);
  defineHelp(waitGroup);
  for (const define of COMMANDS) define(program, run);
  defineHelp(program);
  return program;
}

function configure(program: UsageCommand, { stdout, stderr, log }: Run): void {
  program
    .description(
      'koncli adds work to WaitGroups (konductor.io/v1) in a Kubernetes cluster, marks it done and waits for it.',
    )
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => {
        for (const line of text.trimEnd().split('\n')) log.line(line);
      },
      getOutHelpWidth: () => stdout.columns || DEFAULT_COLUMNS,
      getErrHelpWidth: () => stderr.columns || DEFAULT_COLUMNS,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .helpOption('-h, --help', 'show help')
    .addHelpText('after', VARIABLES_HELP + EXIT_CODES_HELP)
    .hook('preAction', (_, command) => {
      const { logLevel, verbose }: GlobalFlags = command.optsWithGlobals();
      log.level = verbose && logLevel === 'warn' ? 'info' : logLevel;
    });
}
