// The numbers of a section as a file of its own in docs/benchmarks, from which its plot is drawn.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { root } from '../../scripts/root.ts';
import type { Comparison } from './table.ts';

const FOLDER = join(root, 'docs/benchmarks');

export interface Results {
  readonly measuredAt: string;
  readonly machine: { readonly cpus: number; readonly model: string };
  /** The load average before the section, of one minute; null if it was not recorded, on an otherwise idle machine. */
  readonly load: number | null;
  readonly comparisons: readonly Comparison[];
}

/** Call it before the section: the load that it causes itself does not count. */
export function startResults(section: string): (comparisons: readonly Comparison[]) => void {
  const [load = 0] = loadavg();
  const measuredAt = new Date().toISOString().slice(0, 10);
  const [cpu] = cpus();
  const machine = { cpus: cpus().length, model: cpu?.model ?? 'unknown' };
  return (comparisons) => {
    mkdirSync(FOLDER, { recursive: true });
    const results: Results = { measuredAt, machine, load: round(load), comparisons };
    writeFileSync(pathOf(section, 'json'), `${JSON.stringify(results, (_, value) => round(value), 2)}\n`);
  };
}

export function readResults(section: string): Results {
  return JSON.parse(readFileSync(pathOf(section, 'json'), 'utf8'));
}

export function pathOf(section: string, ending: string): string {
  return join(FOLDER, `${section}.${ending}`);
}

function round<T>(value: T): T | number {
  return typeof value === 'number' ? Math.round(value * 10) / 10 : value;
}
