// The one line in which a terminal shows how a wait is getting on. Pure.

/** What a waiter looks at. */
export interface GroupProgress {
  readonly counter: number;
  readonly added: number;
}

/** How the line is drawn. */
export interface BarOptions {
  /** How long the wait has lasted, such as `90s`. */
  readonly elapsed: string;
  /** Of the terminal; the line stays shorter, or it could not be rewritten. */
  readonly columns: number;
  readonly hasColor: boolean;
}

const WIDTH = 20;
const GREEN = '\x1b[32m';
const PLAIN = '\x1b[39m';

/** Groups that are not there yet are undefined. */
export function renderBar(groups: ReadonlyMap<string, GroupProgress | undefined>, options: BarOptions): string {
  const { elapsed, columns, hasColor } = options;
  const seen = [...groups.values()].filter((group) => group !== undefined);
  const counter = seen.reduce((sum, group) => sum + group.counter, 0);
  // A counter that was set by hand may be above what was added.
  const total = seen.reduce((sum, group) => sum + Math.max(group.added, group.counter), 0);
  const text = ` ${describe(groups, { counter, total })}, ${elapsed}`;
  const bar = drawBar(total === 0 ? 0 : (total - counter) / total);
  const line = `${bar}${text}`.slice(0, Math.max(columns - 1, 0));
  const barEnd = Math.min(bar.length, line.length);
  return hasColor ? `${GREEN}${line.slice(0, barEnd)}${PLAIN}${line.slice(barEnd)}` : line;
}

function drawBar(ratio: number): string {
  const filled = Math.floor(ratio * WIDTH);
  return '█'.repeat(filled) + '░'.repeat(WIDTH - filled);
}

interface Sums {
  readonly counter: number;
  readonly total: number;
}

function describe(groups: ReadonlyMap<string, GroupProgress | undefined>, { counter, total }: Sums): string {
  const [only] = groups.keys();
  const missing = [...groups.values()].filter((group) => group === undefined).length;
  const who = groups.size === 1 ? only : `${groups.size} waitgroups`;
  if (missing === groups.size) return `${who} not there yet`;
  const awaited = missing > 0 ? `, ${missing} not there yet` : '';
  return `${who} ${total - counter} of ${total} done, counter ${counter}${awaited}`;
}
