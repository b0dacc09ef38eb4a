// WaitGroups as a table. Its columns are those of the CRD, so that koncli and kubectl show the same.
import { currentStatus, type PrinterColumn, type WaitGroup, waitGroupColumns } from '@konductor/schema';
import { formatAge } from './age.ts';

/** What the table shows, and as of when. */
export interface TableOptions {
  readonly isWide: boolean;
  readonly hasNamespaces?: boolean;
  readonly now: Date;
}

const GAP = '   ';
const NOTHING = '<none>';

/** The texts of a line. */
export type Row = readonly string[];

/** A header and a line for each group, columns aligned; nothing for no groups. */
export function table(groups: readonly WaitGroup[], options: TableOptions): string {
  return groups.length === 0 ? '' : align([headerOf(options), ...groups.map((group) => rowOf(group, options))]);
}

/** The names of the columns. */
export function headerOf({ isWide, hasNamespaces }: TableOptions): Row {
  return [...(hasNamespaces ? ['NAMESPACE'] : []), 'NAME', ...columns(isWide).map(({ name }) => name.toUpperCase())];
}

/** What is shown of a group. */
export function rowOf(group: WaitGroup, { isWide, hasNamespaces, now }: TableOptions): Row {
  const { namespace = '', name } = group.metadata;
  const seen = { ...group, status: currentStatus(group) };
  return [...(hasNamespaces ? [namespace] : []), name, ...columns(isWide).map((column) => cell(column, seen, now))];
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

/** Lines whose columns begin below each other, no narrower than `widths`. */
export function align(rows: readonly Row[], widths = widthsOf(rows)): string {
  const line = (row: Row) => row.map((text, column) => text.padEnd(widths[column] ?? 0)).join(GAP);
  return rows.map((row) => `${line(row).trimEnd()}\n`).join('');
}

/** What the columns of these lines need. */
export function widthsOf(rows: readonly Row[]): readonly number[] {
  return (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
}
