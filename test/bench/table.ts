// Prints what two commands cost, side by side.
import type { Cost } from './process-cost.ts';

export interface Comparison {
  readonly name: string;
  readonly ours: Cost;
  readonly theirs: Cost;
}

/** The ratios are ours by theirs: below 1, koncli is the better. */
export function printComparisons(comparisons: readonly Comparison[]): void {
  console.log(`${'median of runs'.padEnd(34)}${'koncli'.padEnd(20)}${'kubectl'.padEnd(20)}time x   memory x`);
  for (const comparison of comparisons) console.log(row(comparison));
}

function row({ name, ours, theirs }: Comparison): string {
  const cells = [describe(ours), describe(theirs)].map((cell) => cell.padEnd(20)).join('');
  const time = ratio(ours.milliseconds, theirs.milliseconds);
  return `${name.padEnd(34)}${cells}${time}${ratio(ours.megabytes, theirs.megabytes)}`;
}

function describe({ milliseconds, megabytes }: Cost): string {
  return `${milliseconds.toFixed(0)} ms, ${megabytes.toFixed(0)} MB`;
}

function ratio(a: number, b: number): string {
  return (b === 0 ? '-' : (a / b).toFixed(2)).padEnd(9);
}
