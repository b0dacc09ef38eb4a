// What a usage error suggests instead of an unknown command or option, beyond what commander finds. Pure.
import type { Command } from 'commander';

/** Commands that change or delete more than a mistyped word asks for. fail ends all waits. */
const UNSUGGESTED = /\s*\(Did you mean [^)]*\b(delete|set|fail|release)\b[^)]*\)/;

/** Adds the suggestion that fits `line`, the error of `command`, or removes one that does not. */
export function withSuggestion(command: Command, line: string): string {
  const [, word = ''] = /^unknown (?:command|option) '([^']+)'/.exec(line) ?? [];
  const better = line.startsWith('unknown command') ? nestedCommand(command, word) : clusterWide(command, word);
  return better
    ? `unknown ${word.startsWith('-') ? 'option' : 'command'} '${word}' (Did you mean ${better}?)`
    : line.replace(UNSUGGESTED, '');
}

/** A verb of WaitGroups that was given without `waitgroup`, as in `koncli wait`. */
function nestedCommand(command: Command, word: string): string | undefined {
  const parent = command.commands.find(({ commands }) => commands.some((one) => namesOf(one).includes(word)));
  return parent && `${command.name()} ${parent.name()} ${word}`;
}

/** The status of one WaitGroup has no -A; that of the cluster has. */
function clusterWide(command: Command, word: string): string | undefined {
  const isMeant = command.name() === 'status' && ['-A', '--all-namespaces'].includes(word);
  return isMeant ? `${command.parent?.parent?.name()} status ${word}` : undefined;
}

function namesOf(command: Command): string[] {
  return [command.name(), ...command.aliases()];
}
