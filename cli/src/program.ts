// The tree of koncli's commands. What a verb takes and does is in its own file.

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
import { defineGet } from './commands/waitgroup/get.ts';
import { defineList } from './commands/waitgroup/list.ts';
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
  defineWait,
  defineRun,
  defineGet,
  defineList,
  defineWaitGroupStatus,
  defineSet,
  defineDelete,
];
const COMMANDS = [defineStatus, defineDoctor, defineCompletion, defineInstallTo, defineVersion];

/** Parsing it runs the command; it throws CommanderError after help and usage errors, which it has printed by then. */
export function createProgram(run: Run): UsageCommand {
  const program = new UsageCommand(run.program);
  configure(program, run);
  addGlobalOptions(program);
  const waitGroup = program
    .command('waitgroup')
    .alias('wg')
    .summary('count work, and wait until all of it is done')
    .description(
      'A WaitGroup counts work in the cluster: add raises it, done lowers it, wait returns when it is zero.',
    );
  for (const define of WAIT_GROUP_VERBS) define(waitGroup, run);
  defineHelp(waitGroup);
  for (const define of COMMANDS) define(program, run);
  defineHelp(program);
  return program;
}

function configure(program: UsageCommand, { stdout, stderr, log }: Run): void {
  program
    .description('Adds to, finishes and awaits WaitGroups (konductor.io/v1) in a Kubernetes cluster.')
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => log.write(text),
      getOutHelpWidth: () => stdout.columns || DEFAULT_COLUMNS,
      getErrHelpWidth: () => stderr.columns || DEFAULT_COLUMNS,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .helpOption('-h, --help', 'show this help')
    .addHelpText('after', VARIABLES_HELP + EXIT_CODES_HELP)
    .hook('preAction', (_, command) => {
      const { logLevel, verbose }: GlobalFlags = command.optsWithGlobals();
      log.level = verbose && logLevel === 'warn' ? 'info' : logLevel;
    });
}
