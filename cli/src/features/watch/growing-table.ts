// A table whose lines are printed as they arrive: its columns only grow.
import type { WaitGroup } from '@konductor/schema';
import { align, headerOf, type Row, rowOf, type TableOptions, widthsOf } from '../../output/table.ts';

/** A time before all WaitGroups: it makes all ages equal. */
const AGELESS = new Date(0);

/** Remembers the lines that it has returned. */
export class GrowingTable {
  readonly #options: Omit<TableOptions, 'now'>;
  readonly #shown = new Map<string, string>();
  #widths: readonly number[] = [];

  constructor(options: Omit<TableOptions, 'now'>) {
    this.#options = options;
  }

  /** Returns lines for the WaitGroups whose cells changed, after a header the first time. */
  lines(groups: readonly WaitGroup[], now: Date): readonly string[] {
    const rows = groups
      .filter((group) => this.#hasChanged(group))
      .map((group) => rowOf(group, { ...this.#options, now }));
    if (rows.length === 0) return [];
    const isFirst = this.#widths.length === 0;
    const all: readonly Row[] = isFirst ? [headerOf({ ...this.#options, now }), ...rows] : rows;
    this.#widths = widthsOf(all).map((width, column) => Math.max(width, this.#widths[column] ?? 0));
    return align(all, this.#widths);
  }

  /** Ignores the age, which always changes. */
  #hasChanged(group: WaitGroup): boolean {
    const uid = group.metadata.uid ?? '';
    const row = rowOf(group, { ...this.#options, now: AGELESS }).join('\t');
    if (this.#shown.get(uid) === row) return false;
    this.#shown.set(uid, row);
    return true;
  }
}
