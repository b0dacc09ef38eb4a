// The tables of a guide.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../../scripts/root.ts';

/** The cells of each row, the head's included, without backticks. */
export function tablesOf(name: string): string[][][] {
  const guide = readFileSync(join(root, `docs/guides/${name}.md`), 'utf8');
  return [...guide.matchAll(/^\|.*\n\|[-|]+\|\n(?:\|.*\n)+/gm)].map(([table]) => {
    const [head = '', , ...rows] = table.trimEnd().split('\n');
    return [head, ...rows].map((row) =>
      row
        .replaceAll('`', '')
        .split(/ *\| */)
        .slice(1, -1),
    );
  });
}
