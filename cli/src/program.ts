// The tree of koncli's commands. What a verb takes and does is in its own file.

import { addGlobalOptions, type GlobalFlags } from './arguments/global-options.ts';
import { EXIT_CODES_HELP, UsageCommand, VARIABLES_HELP } from './arguments/help.ts';
import type { Run } from './arguments/invocation.ts';
import { defineCompletion } from './commands/completion.ts';
import { defineDoctor } from './commands/doctor.ts';
import { defineHelp } from './commands/help.ts';
import { defineInstallTo } from './commands/install-to.ts';
import { defineOverview } from './commands/status.ts';
import { defineVersion } from './commands/version.ts';
import { defineAdd } from './commands/waitgroup/add.ts';
import { defineCreate } from './commands/waitgroup/create.ts';
import { defineDelete } from './commands/waitgroup/delete.ts';
import { defineDone } from './commands/waitgroup/done.ts';
import { defineGet } from './commands/waitgroup/get.ts';
import { defineList } from './commands/waitgroup/list.ts';
import { defineRun } from './commands/waitgroup/run.ts';
import { defineSet } from './commands/waitgroup/set.ts';
import { defineStatus } from './commands/waitgroup/status.ts';
import { defineWait } from './commands/waitgroup/wait.ts';
import { DEFAULT_COLUMNS } from './process/output-stream.ts';

const WAIT_GROUP = { name: 'waitgroup', alias: 'wg' } as const;

/** In the order of the help. */
const VERBS: Readonly<Record<string, (parent: UsageCommand, run: Run) => void>> = {
  create: defineCreate,
  add: defineAdd,
  done: defineDone,
  wait: defineWait,
  run: defineRun,
  get: defineGet,
  list: defineList,
  status: defineStatus,
  set: defineSet,
  delete: defineDelete,
};

/** Parsing it runs the command; it throws CommanderError after help and usage errors, which it has printed by then. */
export function createProgram(run: Run): UsageCommand {
  const program = new UsageCommand(run.program);
  configure(program, run);
  addGlobalOptions(program);
  const waitGroup = program
    .command(WAIT_GROUP.name)
    .alias(WAIT_GROUP.alias)
    .summary('count work, and wait until all of it is done')
    .description(
      'A WaitGroup counts work in the cluster: add raises it, done lowers it, wait returns when it is zero.',
    );
  const defineNamed = namedVerb(run.argv);
  if (defineNamed) defineNamed(waitGroup, run);
  else defineAll(program, waitGroup, run);
  return program;
}

/** The verb that a command line begins with: all the others can only be in the way of it. See docs/decisions/0013. */
function namedVerb([first = '', verb = '']: readonly string[]) {
  const isOfWaitGroup = first === WAIT_GROUP.name || first === WAIT_GROUP.alias;
  return isOfWaitGroup && Object.hasOwn(VERBS, verb) ? VERBS[verb] : undefined;
}

function defineAll(program: UsageCommand, waitGroup: UsageCommand, run: Run): void {
  for (const define of Object.values(VERBS)) define(waitGroup, run);
  defineHelp(waitGroup);
  defineOverview(program, run);
  defineDoctor(program, run);
  defineCompletion(program, run);
  defineInstallTo(program, run);
  defineVersion(program, run);
  defineHelp(program);
}

function configure(program: UsageCommand, { stdout, stderr, log }: Run): void {
  program
    .description('Adds to, finishes and awaits WaitGroups (konductor.io/v1) in a Kubernetes cluster.')
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
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
