// A command of commander as Markdown: what its --help says.
import type { Argument, Command, Option } from 'commander';
import { block, code, prose, table } from './markdown.ts';

export function commandSection(command: Command, path: string, level: number): string {
  const aliases = command.aliases();
  const help = command.createHelp();
  return [
    `${'#'.repeat(level)} ${path}`,
    prose(command.description()),
    block(`${path} ${command.usage()}`),
    ...(aliases.length > 0 ? [`Alias: ${aliases.map(code).join(', ')}`] : []),
    ...listed('argument', command.registeredArguments.map(argumentRow)),
    ...listed('flag', optionsTable(help.visibleOptions(command))),
    ...examplesOf(command),
  ].join('\n\n');
}

const listed = (what: string, rows: readonly (readonly string[])[]) =>
  rows.length > 0 ? [table([what, 'meaning', 'default'], rows)] : [];

export function optionsTable(options: readonly Option[]): (readonly string[])[] {
  return options
    .filter(({ long }) => long !== '--help')
    .map((option) => row(code(option.flags), option, option.argChoices, option.defaultValueDescription));
}

function argumentRow(argument: Argument): readonly string[] {
  const { required, variadic } = argument;
  const name = `${argument.name()}${variadic ? '...' : ''}`;
  return row(
    code(required ? `<${name}>` : `[${name}]`),
    argument,
    argument.argChoices,
    argument.defaultValueDescription,
  );
}

interface Described {
  readonly description: string;
  readonly defaultValue?: unknown;
}

/** A default that the description names in parentheses gets a column of its own. */
function row(name: string, { description, defaultValue }: Described, choices?: readonly string[], shown?: string) {
  const [, inWords] = / \(default: (.*)\)$/.exec(description) ?? [];
  const text = description.replace(/ \(default: .*\)$/, '');
  const values = choices ? `: ${choices.map(code).join(', ')}` : '';
  const byDefault = shown ?? (defaultValue === undefined ? undefined : String(defaultValue));
  return [name, `${prose(text)}${values}`, byDefault === undefined ? prose(inWords ?? '') : code(byDefault)];
}

/** The examples are a text that commander adds to the help. */
function examplesOf(command: Command): string[] {
  let text = '';
  command.configureOutput({
    writeOut: (part) => {
      text += part;
    },
  });
  command.outputHelp();
  const [, examples] = /\nExamples:\n([\s\S]*?)(?:\n\n|$)/.exec(text) ?? [];
  return examples ? [block(examples.replaceAll(/^ {2}/gm, ''), 'sh')] : [];
}
