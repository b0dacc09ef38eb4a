// Parses an incomplete command line as commander would: its command, and the kind of the next word.
import type { Command, Option } from 'commander';

/** The command line up to the cursor. */
export interface CommandLine {
  readonly command: Command;
  /** The values of flags, by commander's names. */
  readonly flags: Readonly<Record<string, readonly string[]>>;
  /** The arguments before the cursor. */
  readonly args: readonly string[];
  /** The flag whose value comes next. */
  readonly awaits: Option | undefined;
  /** Whether the cursor is after `--`, where nothing is a flag. */
  readonly isVerbatim: boolean;
  /** The word at the cursor, up to the cursor. */
  readonly current: string;
}

/** `words`: those after the name of the program. */
export function readCommandLine(program: Command, words: readonly string[]): CommandLine {
  const reader = new Reader(program);
  for (const word of words.slice(0, -1)) reader.read(word);
  return reader.lineAt(words.at(-1) ?? '');
}

/** The flags of a command, then the global flags. */
export function optionsOf(command: Command): readonly Option[] {
  const help = command.createHelp();
  return [...help.visibleOptions(command), ...help.visibleGlobalOptions(command)];
}

/** The flag of this name, such as `-n`. */
export function findOption(command: Command, name: string): Option | undefined {
  return optionsOf(command).find(({ long, short }) => name === long || name === short);
}

/** The visible subcommands. */
export function commandsOf(command: Command): readonly Command[] {
  return command.commands.length === 0 ? [] : command.createHelp().visibleCommands(command);
}

/** Whether the flag has a value. */
export function takesValue({ required, optional }: Option): boolean {
  return required || optional;
}

class Reader {
  #command: Command;
  #awaits: Option | undefined;
  #isVerbatim = false;
  readonly #flags: Record<string, readonly string[]> = {};
  readonly #args: string[] = [];

  constructor(program: Command) {
    this.#command = program;
  }

  lineAt(current: string): CommandLine {
    const [command, flags, args] = [this.#command, this.#flags, this.#args];
    return { command, flags, args, awaits: this.#awaits, isVerbatim: this.#isVerbatim, current };
  }

  read(word: string): void {
    if (this.#isVerbatim) this.#args.push(word);
    else if (this.#awaits) this.#giveValue(this.#awaits, word);
    else if (word === '--') this.#isVerbatim = true;
    else if (/^-./.test(word)) this.#readFlag(word);
    else this.#readArgument(word);
  }

  #readFlag(word: string): void {
    const [, name = word, value] = /^(--[^=]+|-[^-])=?(.+)?$/s.exec(word) ?? [];
    const option = findOption(this.#command, name);
    if (!option) return;
    if (!takesValue(option)) this.#giveValue(option, 'true');
    else if (value === undefined) this.#awaits = option;
    else this.#giveValue(option, value);
  }

  #giveValue(option: Option, value: string): void {
    this.#awaits = undefined;
    // kubectl accepts `-n=x`.
    const name = option.attributeName();
    this.#flags[name] = [...(this.#flags[name] ?? []), value.replace(/^=/, '')];
  }

  #readArgument(word: string): void {
    const verb = this.#args.length === 0 && commandsOf(this.#command).find((one) => isCalled(one, word));
    if (!verb) this.#args.push(word);
    // `help VERB` is completed like VERB.
    else if (verb.name() !== 'help') this.#command = verb;
  }
}

function isCalled(command: Command, name: string): boolean {
  return command.name() === name || command.aliases().includes(name);
}
