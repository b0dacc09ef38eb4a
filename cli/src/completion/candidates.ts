// How a command line may go on, as far as the tree of commands tells; the rest is a question for the cluster or the shell.
import type { Argument, Option } from 'commander';
import { type CommandLine, commandsOf, findOption, optionsOf, takesValue } from './command-line.ts';

/** A word that may come next. */
export interface Candidate {
  readonly value: string;
  readonly description: string;
}

/** Who else knows what may come next. */
export type Source = 'waitGroups' | 'namespaces' | 'contexts' | 'files';

/** What comes next is one of the candidates, or what the source knows; each begins with the prefix. */
export interface Continuation {
  readonly candidates: readonly Candidate[];
  readonly source?: Source | undefined;
  /** The part of the word that stays: `--output=`. */
  readonly prefix: string;
}

/** By the names that commander gives the flags. */
const OPTION_SOURCES: Readonly<Record<string, Source>> = {
  namespace: 'namespaces',
  context: 'contexts',
  kubeconfig: 'files',
};
/** By the names of the arguments, as the help shows them. */
const ARGUMENT_SOURCES: Readonly<Record<string, Source>> = { name: 'waitGroups', names: 'waitGroups' };

/** Everything that fits the place, whatever of it is typed already. */
export function continuationOf(line: CommandLine): Continuation {
  const { command, current, args, awaits, isVerbatim } = line;
  // What follows -- is a command of its own.
  if (isVerbatim) return { candidates: [], source: 'files', prefix: '' };
  if (awaits) return { ...valuesOf(awaits), prefix: '' };
  const [flag, name] = /^(--[^=]+)=/.exec(current) ?? [];
  const option = name && findOption(command, name);
  if (flag && option && takesValue(option)) return { ...valuesOf(option), prefix: flag };
  if (current.startsWith('-')) return { candidates: flagsOf(line), prefix: '' };
  const verbs = args.length === 0 ? commandsOf(command) : [];
  const candidates = verbs.map((verb) => ({ value: verb.name(), description: verb.summary() || verb.description() }));
  return verbs.length > 0 ? { candidates, prefix: '' } : { ...argumentsOf(line), prefix: '' };
}

function flagsOf({ command }: CommandLine): Candidate[] {
  return optionsOf(command).flatMap(({ long, description }) => (long ? [{ value: long, description }] : []));
}

function valuesOf(option: Option): Omit<Continuation, 'prefix'> {
  return { candidates: choicesOf(option), source: OPTION_SOURCES[option.attributeName()] };
}

function argumentsOf({ command, args }: CommandLine): Omit<Continuation, 'prefix'> {
  const declared = command.registeredArguments;
  const last = declared.at(-1);
  const argument = declared[args.length] ?? (last?.variadic ? last : undefined);
  if (!argument) return { candidates: [] };
  return { candidates: choicesOf(argument), source: ARGUMENT_SOURCES[argument.name()] };
}

function choicesOf({ argChoices = [] }: Option | Argument): Candidate[] {
  return argChoices.map((value) => ({ value, description: '' }));
}
