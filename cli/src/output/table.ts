// WaitGroups as a table with the columns of the CRD, so that koncli and kubectl show the same.
import { currentStatus, type PrinterColumn, type WaitGroup, waitGroupColumns } from '@konductor/schema';
import { oneLine } from '../process/lines.ts';
import { formatAge } from './age.ts';

/** The columns of the table, and the time for its ages. */
export interface TableOptions {
  readonly isWide: boolean;
  readonly hasNamespaces?: boolean;
  readonly now: Date;
}

const GAP = '   ';
const NOTHING = '<none>';

/** The cells of a line. */
export type Row = readonly string[];

/** A header and an aligned line for each WaitGroup; empty for none. */
export function table(groups: readonly WaitGroup[], options: TableOptions): readonly string[] {
  return groups.length === 0 ? [] : align([headerOf(options), ...groups.map((group) => rowOf(group, options))]);
}

/** The names of the columns. */
export function headerOf({ isWide, hasNamespaces }: TableOptions): Row {
  return [...(hasNamespaces ? ['NAMESPACE'] : []), 'NAME', ...columns(isWide).map(({ name }) => name.toUpperCase())];
}

/** The cells of a WaitGroup. */
export function rowOf(group: WaitGroup, { isWide, hasNamespaces, now }: TableOptions): Row {
  const { namespace = '', name } = group.metadata;
  const current = { ...group, status: currentStatus(group) };
  return [...(hasNamespaces ? [namespace] : []), name, ...columns(isWide).map((column) => cell(column, current, now))];
}

function columns(isWide: boolean): readonly PrinterColumn[] {
  return waitGroupColumns.filter(({ wide }) => isWide || !wide);
}

function cell({ jsonPath, type }: PrinterColumn, group: WaitGroup, now: Date): string {
  const value = valueAt(jsonPath, group);
  if (value === undefined) return NOTHING;
  return type === 'date' ? formatAge(String(value), now) : String(value);
}

function valueAt(jsonPath: string, object: unknown): unknown {
  const steps = jsonPath.split('.').slice(1);
  return steps.reduce((value, step) => (value as Record<string, unknown> | undefined)?.[step], object);
}

/** Aligns columns, each at least as wide as `widths` says. */
export function align(rows: readonly Row[], widths = widthsOf(rows)): readonly string[] {
  return rows.map((row) => {
    const cells = row.map((text, column) => oneLine(text).padEnd(widths[column] ?? 0));
    return cells.join(GAP).trimEnd();
  });
}

/** A header and the first rows of a table with `more` of them; empty for none. */
export function boundedTable(header: Row, rows: readonly Row[], more: number): readonly string[] {
  if (rows.length === 0) return [];
  return [...align([header, ...rows]), ...(more > 0 ? [`and ${more} more`] : [])];
}

/** The widths that the columns need. */
export function widthsOf(rows: readonly Row[]): readonly number[] {
  return (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => oneLine(row[column] ?? '').length)));
}
