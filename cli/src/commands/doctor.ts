// koncli doctor
import { type Command, Option } from 'commander';
import { examples } from '../arguments/help.ts';
import type { Run } from '../arguments/invocation.ts';
import { readName, readSettings, type Settings, withTimeLimit } from '../arguments/settings.ts';
import { NAME } from '../arguments/shared-arguments.ts';
import type { Check } from '../features/doctor/check.ts';
import { PURPOSES, type Purpose } from '../features/doctor/purpose.ts';
import { printDocument } from '../output/output.ts';
import { toText } from '../process/lines.ts';

interface Flags {
  readonly for: Purpose;
}

const DESCRIPTION =
  'Checks the API server, the clock, the CRD, the admission policies, what holds Jobs and pods (hold), your permissions ' +
  'and the operator. Each line says what was found and ' +
  'what to do. With a name, checks your permissions on that WaitGroup. A permission that --for does not need is at most ' +
  'a warning. --as checks the permissions of another account.';

/** Declares the command. */
export function defineDoctor(parent: Command, run: Run): void {
  parent
    .command('doctor')
    .summary('check the connection to the cluster and the installation')
    .description(DESCRIPTION)
    .argument(...NAME)
    .addOption(
      new Option(
        '--for <purpose>',
        'which permissions must be there: those to wait, to work (add, done, fail, run), or all',
      )
        .choices(PURPOSES)
        .default('work'),
    )
    .addHelpText(
      'after',
      examples(
        ['koncli doctor', 'find out what does not work'],
        ['koncli doctor batch -n jobs', 'check whether this pod can use a WaitGroup'],
        [
          'koncli doctor batch --for wait --as system:serviceaccount:jobs:report',
          'check whether the pods of another account can wait for it',
        ],
        [`koncli doctor -o json | jq '.checks[] | select(.outcome != "ok")'`, 'list the problems, for scripts'],
      ),
    )
    .action(async (given: string | undefined, flags: Flags, command: Command) => {
      const settings = withTimeLimit(readSettings(command, run.env), command);
      const { output } = settings;
      if (output === 'name') command.error('doctor does not support -o name');
      const name = given || run.env.KONDUCTOR_WAITGROUP ? readName(given, run, command) : undefined;
      const { documentOf, formatChecks, throwFailedChecks } = await import('../features/doctor/report.ts');
      const checks = await runChecks({ run, name, purpose: flags.for }, settings);
      const isDocument = output === 'json' || output === 'yaml';
      run.stdout.write(
        isDocument
          ? await printDocument(documentOf(checks, run.program), output)
          : toText(formatChecks(checks, run.program)),
      );
      throwFailedChecks(checks);
    });
}

interface Subject {
  readonly run: Run;
  readonly name: string | undefined;
  readonly purpose: Purpose;
}

async function runChecks(subject: Subject, settings: Settings): Promise<readonly Check[]> {
  const { run } = subject;
  const [{ Session }, { describeFailure }, { examine, unreachable }, { createCheckContext }] = await Promise.all([
    import('../session/session.ts'),
    import('../failure/failure.ts'),
    import('../features/doctor/examination.ts'),
    import('../features/doctor/check.ts'),
  ]);
  const describe = (error: unknown) => describeFailure(error, run);
  const session = await Session.open(run, settings).catch((error: unknown) => [unreachable(describe(error))]);
  if (Array.isArray(session)) return session;
  try {
    return await examine(createCheckContext(session, settings, subject), describe);
  } finally {
    session.close();
  }
}
