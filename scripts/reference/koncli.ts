// docs/reference/koncli.md: every command, from the program that parses the command line.
import type { Command } from 'commander';
import { OUTPUT_FORMATS, type OutputFormat } from '../../cli/src/arguments/global-options.ts';
import { VARIABLES_HELP } from '../../cli/src/arguments/help.ts';
import type { Run } from '../../cli/src/arguments/invocation.ts';
import type { CheckName } from '../../cli/src/features/doctor/check.ts';
import { EXIT_CODE } from '../../cli/src/process/exit-code.ts';
import { createProgram } from '../../cli/src/program.ts';
import { commandSection, optionsTable } from './command.ts';
import { code, page, prose, table } from './markdown.ts';

const ABOUT = `What \`koncli --help\` and \`--help\` of each command say. As a kubectl plugin, koncli is called \`kubectl konductor\`. Durations are
numbers with the units \`h\`, \`m\`, \`s\` and \`ms\`, such as \`30s\` or \`1h30m\`. What the Events and conditions mean is in [Events](events.md).`;

const EXIT_CODES: Readonly<Record<keyof typeof EXIT_CODE, string>> = {
  ok: 'success',
  error:
    'wrong usage, a rejected change ([below zero](../guides/troubleshooting.md#would-take-it-below-zero-exit-code-1), [held by workers](../guides/troubleshooting.md#belong-to-workers-with-an-identity-exit-code-1)), or anything without a code of its own',
  notFound:
    '[not found](../guides/troubleshooting.md#not-found-exit-code-2): the WaitGroup (also if it is [deleted during a wait](../guides/troubleshooting.md#was-deleted-exit-code-2), or not created before the timeout of the wait), the namespace or the [CRD](../guides/troubleshooting.md#the-crd-is-missing)',
  timeout:
    '`--timeout` expired: [a wait](../guides/troubleshooting.md#a-wait-timed-out-exit-code-3), or a change that is [recorded but not yet counted](../guides/troubleshooting.md#recorded-but-not-yet-counted-exit-code-3)',
  permissionDenied:
    '[permission denied](../guides/troubleshooting.md#forbidden-exit-code-4): the message names the missing permission',
  unavailable:
    '[the API server is unavailable](../guides/troubleshooting.md#the-api-server-is-unavailable-exit-code-5), or [the outcome of a change is unknown](../guides/troubleshooting.md#the-outcome-is-unknown-exit-code-5)',
  failed:
    '[a wait ended because the work has failed](../guides/troubleshooting.md#the-waitgroup-has-failed-exit-code-6)',
  notExecutable: '`run`: the command cannot be executed',
  commandNotFound: '`run`: the command does not exist',
};

const CHECKS: Readonly<Record<CheckName, string>> = {
  'API server': 'the API server responds; if it does not, this is the only check',
  identity: 'the credentials are accepted; shows the user',
  clock: 'the clocks of this machine and of the API server agree',
  CRD: 'the CustomResourceDefinitions are installed, and match this koncli',
  policies: 'the admission policies of the installation exist and are bound',
  hold: 'held Jobs and pods: what `hold.yaml` installs exists',
  namespace: 'the namespace exists and is not being deleted',
  read: 'permission to get, list and watch WaitGroups',
  count: 'permission to change the counter: anonymous `add`, `done`, `fail` and `run`, and `set`',
  report: 'permission for the record of a worker with an identity: its `add`, `done`, `fail` and `run`',
  manage: 'permission to create and delete WaitGroups, and to release workers',
  events: 'permission to create and list Events: those of `set` and `status`',
  operator: 'the operator runs, is the leader, reconciles, and its clock is right',
  WaitGroups: '(`koncli status` only) the WaitGroups can be listed',
};

const FORMATS: Readonly<Record<OutputFormat, string>> = {
  text: 'for people: a table or one line for each object',
  wide: 'the same, with more columns',
  json: 'the objects as JSON: one document, with `--watch` one for each change',
  yaml: 'the same as YAML',
  name: '`waitgroup.konductor.io/NAME`, one line for each object',
};

export function koncliPage(): string {
  const program = createProgram(silentRun());
  const help = program.createHelp();
  const body = [
    '## Commands',
    ...leaves(program, 'koncli').map(([command, path]) => commandSection(command, path, 3)),
    `## Global flags\n\nEvery command takes them, before or after its name. \`-h\`, \`--help\` shows the help of a command.`,
    table(['flag', 'meaning', 'default'], optionsTable(help.visibleOptions(program))),
    `## Environment variables\n\nFlags take precedence.\n\n${table(['variable', 'meaning'], variables())}`,
    `## Output formats\n\n${table(
      ['`--output`', 'prints'],
      OUTPUT_FORMATS.map((format) => [code(format), FORMATS[format]]),
    )}`,
    `## Exit codes\n\n${table(['code', 'meaning'], exitCodes())}`,
    '`run` exits with the code of its command. After signal n, koncli and `run` exit with 128+n.',
    `## Checks of doctor\n\n${table(
      ['check', 'verifies'],
      Object.entries(CHECKS).map(([name, text]) => [name, prose(text)]),
    )}`,
  ].join('\n\n');
  return page({ title: 'koncli', origin: "koncli's commands", about: ABOUT, body });
}

function leaves(command: Command, path: string): [Command, string][] {
  const shown = command.commands.filter((one) => one.name() !== 'help');
  return shown.flatMap((one): [Command, string][] => {
    const own = `${path} ${one.name()}`;
    return one.commands.length > 0 ? leaves(one, own) : [[one, own]];
  });
}

const variables = () =>
  [...VARIABLES_HELP.matchAll(/^ {2}(\S.*?) {2,}(\S.*)$/gm)].map(([, names = '', meaning = '']) => [
    names.split(', ').map(code).join(', '),
    meaning,
  ]);

const exitCodes = () =>
  Object.entries(EXIT_CODE).map(([name, value]) => [code(value), EXIT_CODES[name as keyof typeof EXIT_CODE]]);

/** The commands are declared, and none is run. */
function silentRun(): Run {
  const stream = { columns: 1_000, write: () => true };
  return { program: 'koncli', argv: ['--'], env: {}, stdout: stream, stderr: stream } as unknown as Run;
}
