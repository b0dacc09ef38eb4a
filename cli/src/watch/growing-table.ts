// A table whose lines are printed as they come: its columns only ever grow wider.
import type { WaitGroup } from '@konductor/schema';
import { align, headerOf, type Row, rowOf, type TableOptions, widthsOf } from '../output/table.ts';

/** Before all groups: their ages are all the same then. */
const AGELESS = new Date(0);

/** Remembers what it has shown. */
export class GrowingTable {
  readonly #options: Omit<TableOptions, 'now'>;
  readonly #shown = new Map<string, string>();
  #widths: readonly number[] = [];

  constructor(options: Omit<TableOptions, 'now'>) {
    this.#options = options;
  }

  /** Lines for the groups of which it shows something else than before, the header before the first. */
  lines(groups: readonly WaitGroup[], now: Date): string {
    const rows = groups.filter((group) => this.#isNews(group)).map((group) => rowOf(group, { ...this.#options, now }));
    if (rows.length === 0) return '';
    const isFirst = this.#widths.length === 0;
    const all: readonly Row[] = isFirst ? [headerOf({ ...this.#options, now }), ...rows] : rows;
    this.#widths = widthsOf(all).map((width, column) => Math.max(width, this.#widths[column] ?? 0));
    return align(all, this.#widths);
  }

  /** Age alone is none: it changes all the time. */
  #isNews(group: WaitGroup): boolean {
    const uid = group.metadata.uid ?? '';
    const row = rowOf(group, { ...this.#options, now: AGELESS }).join('\t');
    if (this.#shown.get(uid) === row) return false;
    this.#shown.set(uid, row);
    return true;
  }
}
