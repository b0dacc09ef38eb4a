// The names that one executable goes by: koncli, and those under which kubectl finds its plugins and their completions.
import { basename } from 'node:path';

/** What the name of the executable makes of it. */
export interface Call {
  /** As people type it, for usage lines. */
  readonly program: 'koncli' | 'kubectl konductor';
  /** Asked by kubectl how a command line of `kubectl konductor` goes on. */
  readonly isCompletion: boolean;
}

/** The hidden command that the shells ask how a line goes on. */
export const COMPLETE = '__complete';

const PLUGIN: Call = { program: 'kubectl konductor', isCompletion: false };
const CALLS: Readonly<Record<string, Call>> = {
  'kubectl-konductor': PLUGIN,
  // https://kubernetes.io/docs/tasks/extend-kubectl/kubectl-plugins/#kubectl-tab-completion
  'kubectl_complete-konductor': { ...PLUGIN, isCompletion: true },
};

/** Of the paths that the process may have been started by, one of an interpreter among them. */
export function callOf(paths: readonly (string | undefined)[]): Call {
  const names = paths.map((path) => basename(path ?? '', '.exe'));
  const known = names.map((name) => CALLS[name]).find((call) => call !== undefined);
  return known ?? { program: 'koncli', isCompletion: false };
}

/** The commands that a text advises, by the name that its reader knows koncli by. */
export function asCalledBy(program: string, text: string): string {
  return text.replaceAll(/\bkoncli (?=(?:waitgroup|doctor)\b)/g, `${program} `);
}
