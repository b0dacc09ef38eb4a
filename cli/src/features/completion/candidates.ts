// The completions that the tree of commands knows; for others it names the source: the cluster, the kubeconfig or the shell.
import type { Argument, Command, Option } from 'commander';
import { type CommandLine, commandsOf, findOption, optionsOf, takesValue } from './command-line.ts';

/** A possible next word. */
export interface Candidate {
  readonly value: string;
  readonly description: string;
}

/** Other sources of completions. */
export type Source = 'waitGroups' | 'workers' | 'namespaces' | 'contexts' | 'files';

/** The possible next words: candidates and those of the source, each after the prefix. */
export interface Continuation {
  readonly candidates: readonly Candidate[];
  readonly source?: Source | undefined;
  /** The part of the word that stays, such as `--output=`. */
  readonly prefix?: string;
}

/** The sources of flag values, by commander's names. */
const OPTION_SOURCES: Readonly<Record<string, Source>> = {
  namespace: 'namespaces',
  context: 'contexts',
  kubeconfig: 'files',
  worker: 'workers',
};
/** The sources of arguments, by their names in the help. */
const ARGUMENT_SOURCES: Readonly<Record<string, Source>> = { name: 'waitGroups', names: 'waitGroups' };

/** Returns everything that fits the position, whatever is typed already. */
export function continuationOf(line: CommandLine): Continuation {
  const { command, current, args, awaits, isVerbatim } = line;
  // A command of the user's follows --.
  if (isVerbatim) return { candidates: [], source: 'files' };
  if (awaits) return valuesOf(awaits);
  const [flag, name] = /^(--[^=]+)=/.exec(current) ?? [];
  const option = name && findOption(command, name);
  if (flag && option && takesValue(option)) return { ...valuesOf(option), prefix: flag };
  if (current.startsWith('-')) return { candidates: flagsOf(command) };
  const verbs = args.length === 0 ? commandsOf(command) : [];
  if (verbs.length === 0) return argumentsOf(line);
  return {
    candidates: verbs.map((verb) => ({ value: verb.name(), description: verb.summary() || verb.description() })),
  };
}

function flagsOf(command: Command): Candidate[] {
  return optionsOf(command).flatMap(({ long, description }) => (long ? [{ value: long, description }] : []));
}

function valuesOf(option: Option): Continuation {
  return { candidates: choicesOf(option), source: OPTION_SOURCES[option.attributeName()] };
}

function argumentsOf({ command, args }: CommandLine): Continuation {
  const declared = command.registeredArguments;
  const last = declared.at(-1);
  const argument = declared[args.length] ?? (last?.variadic ? last : undefined);
  if (!argument) return { candidates: [] };
  return { candidates: choicesOf(argument), source: ARGUMENT_SOURCES[argument.name()] };
}

function choicesOf({ argChoices = [] }: Option | Argument): Candidate[] {
  return argChoices.map((value) => ({ value, description: '' }));
}
