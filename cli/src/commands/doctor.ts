// koncli doctor
import type { Command } from 'commander';
import { examples } from '../arguments/help.ts';
import type { Run } from '../arguments/invocation.ts';
import { readName, readSettings, type Settings, withTimeLimit } from '../arguments/settings.ts';
import { NAME } from '../arguments/shared-arguments.ts';
import type { Check } from '../doctor/check.ts';
import { printDocument } from '../output/output.ts';

const DESCRIPTION =
  'Checks what koncli needs: the API server, the CRD, your rights, the operator and the clock. ' +
  'Each line says what was found and what to do. With a name, the rights on that WaitGroup.';

/** Declares the command. */
export function defineDoctor(parent: Command, run: Run): void {
  parent
    .command('doctor')
    .summary('check the way to the cluster, and what is installed there')
    .description(DESCRIPTION)
    .argument(...NAME)
    .addHelpText(
      'after',
      examples(
        ['koncli doctor', 'why does it not work?'],
        ['koncli doctor batch -n jobs', 'may this pod work with this WaitGroup?'],
        [`koncli doctor -o json | jq '.checks[] | select(.outcome != "ok")'`, 'for scripts'],
      ),
    )
    .action(async (given: string | undefined, _flags: unknown, command: Command) => {
      const settings = withTimeLimit(readSettings(command, run.env), command);
      const { output } = settings;
      if (output === 'name') command.error('doctor prints -o text, json or yaml only');
      const name = given || run.env.KONDUCTOR_WAITGROUP ? readName(given, run, command) : undefined;
      const { documentOf, formatChecks, throwFailedChecks } = await import('../doctor/report.ts');
      const checks = await examineCluster(run, settings, name);
      const isDocument = output === 'json' || output === 'yaml';
      run.stdout.write(isDocument ? await printDocument(documentOf(checks), output) : formatChecks(checks));
      throwFailedChecks(checks);
    });
}

async function examineCluster(run: Run, settings: Settings, name: string | undefined): Promise<readonly Check[]> {
  const [{ Session }, { describeFailure }, { examine, unreachable }, { createPatient }] = await Promise.all([
    import('../session/session.ts'),
    import('../failure/failure.ts'),
    import('../doctor/examination.ts'),
    import('../doctor/patient.ts'),
  ]);
  const describe = (error: unknown) => describeFailure(error, run);
  const session = await Session.open(run, settings).catch((error: unknown) => [unreachable(describe(error))]);
  if (Array.isArray(session)) return session;
  try {
    return await examine(createPatient(session, settings, { run, name }), describe);
  } finally {
    session.close();
  }
}
