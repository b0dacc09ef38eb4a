// The names of the executable: koncli, and the names under which kubectl finds a plugin and its completion.
import { basename } from 'node:path';

/** How the executable was called. */
export interface Call {
  /** The name to show in usage lines. */
  readonly program: 'koncli' | 'kubectl konductor';
  /** Whether kubectl asks for completions of `kubectl konductor`. */
  readonly isCompletion: boolean;
}

/** The hidden command that completion scripts call. */
export const COMPLETE = '__complete';

const PLUGIN: Call = { program: 'kubectl konductor', isCompletion: false };
const CALLS: Readonly<Record<string, Call>> = {
  'kubectl-konductor': PLUGIN,
  // https://kubernetes.io/docs/tasks/extend-kubectl/kubectl-plugins/#kubectl-tab-completion
  'kubectl_complete-konductor': { ...PLUGIN, isCompletion: true },
};

/** `paths`: those that the process may have been started by; one may be an interpreter's. */
export function callOf(paths: readonly (string | undefined)[]): Call {
  const names = paths.map((path) => basename(path ?? '', '.exe'));
  const known = names.map((name) => CALLS[name]).find((call) => call !== undefined);
  return known ?? { program: 'koncli', isCompletion: false };
}

/**
 * Completes the commands of a text, so that the reader can run them. `program`: the name that koncli was called by, with the flags
 * that name the cluster; kubectl takes the same.
 */
export function asCalledBy(program: string, text: string): string {
  const flags = program.replace(/^(koncli|kubectl konductor)/, '');
  return text
    .replaceAll(/\bkubectl (?=[a-z])(?!konductor\b)/g, () => `kubectl${flags} `)
    .replaceAll(/\bkoncli (?=(?:waitgroup|doctor)\b)/g, () => `${program} `);
}
