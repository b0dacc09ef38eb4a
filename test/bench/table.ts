// Prints what two commands cost, side by side, as a Markdown table.
import type { Costs } from './process-cost.ts';

export interface Comparison {
  readonly name: string;
  readonly ours: Costs;
  readonly theirs: Costs;
}

const COLUMNS = ['', 'koncli', 'the other', 'median', 'fastest', 'CPU', 'memory'];

/** The last four columns are ours by theirs: below 1, koncli is the better. */
export function printComparisons(comparisons: readonly Comparison[]): void {
  const rows = [COLUMNS, COLUMNS.map(() => '---'), ...comparisons.map(row)];
  for (const cells of rows) console.log(`| ${cells.join(' | ')} |`);
}

function row({ name, ours, theirs }: Comparison): string[] {
  const ratios = (['median', 'fastest', 'cpu', 'megabytes'] as const).map((key) => ratio(ours[key], theirs[key]));
  return [name, describe(ours), describe(theirs), ...ratios];
}

function describe({ median, fastest, cpu, megabytes }: Costs): string {
  const cpuText = cpu > 0 ? `, CPU ${cpu.toFixed(0)}` : '';
  return `${median.toFixed(1)} ms (fastest ${fastest.toFixed(1)}${cpuText}), ${megabytes.toFixed(0)} MB`;
}

function ratio(a: number, b: number): string {
  return b === 0 ? '-' : (a / b).toFixed(2);
}
