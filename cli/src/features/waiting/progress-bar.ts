// The line in which a terminal shows the progress of a wait. Pure.

/** The state that a waiter needs. */
export interface GroupProgress {
  readonly counter: number;
  readonly added: number;
  readonly isFailed?: boolean;
}

/** The time, the width and the color of the line. */
export interface BarOptions {
  /** The time since the wait began, such as `90s`. */
  readonly elapsed: string;
  /** The width of the terminal. The line stays shorter, or it could not be rewritten. */
  readonly columns: number;
}

/** The length of the bar at the begin of the line. */
export const BAR_LENGTH = 20;

/** WaitGroups that do not exist yet are undefined. */
export function renderBar(groups: ReadonlyMap<string, GroupProgress | undefined>, options: BarOptions): string {
  const { elapsed, columns } = options;
  const existing = [...groups.values()].filter((group) => group !== undefined);
  const counter = existing.reduce((sum, group) => sum + group.counter, 0);
  // `set` can raise the counter above the total.
  const total = existing.reduce((sum, group) => sum + Math.max(group.added, group.counter), 0);
  const text = ` ${describe(groups, counter, total)}, ${elapsed}`;
  const bar = drawBar(total === 0 ? 0 : (total - counter) / total);
  return `${bar}${text}`.slice(0, Math.max(columns - 1, 0));
}

function drawBar(ratio: number): string {
  const filled = Math.floor(ratio * BAR_LENGTH);
  return '█'.repeat(filled) + '░'.repeat(BAR_LENGTH - filled);
}

function describe(groups: ReadonlyMap<string, GroupProgress | undefined>, counter: number, total: number): string {
  const [only] = groups.keys();
  const missing = [...groups.values()].filter((group) => group === undefined).length;
  const who = groups.size === 1 ? only : `${groups.size} waitgroups`;
  if (missing === groups.size) return `${who} not yet created`;
  const pending = missing > 0 ? `, ${missing} not yet created` : '';
  const failed = [...groups.values()].filter((group) => group?.isFailed).length;
  const failure = failed === 0 ? '' : groups.size === 1 ? ', failed' : `, ${failed} failed`;
  return `${who} ${total - counter} of ${total} done, counter ${counter}${failure}${pending}`;
}
