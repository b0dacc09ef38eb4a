// WaitGroups as a table. Its columns are those of the CRD, so that koncli and kubectl show the same.
import { currentStatus, type PrinterColumn, type WaitGroup, waitGroupKind } from '@konductor/schema';
import { formatAge } from './age.ts';

/** What the table shows, and as of when. */
export interface TableOptions {
  readonly isWide: boolean;
  readonly hasNamespaces?: boolean;
  readonly now: Date;
}

const GAP = '   ';
const NOTHING = '<none>';

/** A header and a line for each group, columns aligned; nothing for no groups. */
export function table(groups: readonly WaitGroup[], { isWide, hasNamespaces = false, now }: TableOptions): string {
  if (groups.length === 0) return '';
  const columns = waitGroupKind.printerColumns.filter(({ wide }) => isWide || !wide);
  const namespaceOf = ({ metadata }: WaitGroup) => (hasNamespaces ? [metadata.namespace ?? ''] : []);
  const header = [...(hasNamespaces ? ['NAMESPACE'] : []), 'NAME', ...columns.map(({ name }) => name.toUpperCase())];
  const rows = groups.map((group) => [
    ...namespaceOf(group),
    group.metadata.name,
    ...columns.map((column) => cell(column, group, now)),
  ]);
  return align([header, ...rows]);
}

function cell({ jsonPath, type }: PrinterColumn, group: WaitGroup, now: Date): string {
  const value = valueAt(jsonPath, { ...group, status: currentStatus(group) });
  if (value === undefined) return NOTHING;
  return type === 'date' ? formatAge(String(value), now) : String(value);
}

function valueAt(jsonPath: string, object: unknown): unknown {
  const steps = jsonPath.split('.').slice(1);
  return steps.reduce((value, step) => (value as Record<string, unknown> | undefined)?.[step], object);
}

function align(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) => row.map((text, column) => text.padEnd(widths[column] ?? 0)).join(GAP);
  return rows.map((row) => `${line(row).trimEnd()}\n`).join('');
}
