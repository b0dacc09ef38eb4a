import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { exportedSymbols } from '../../scripts/generated/exported-symbols.ts';
import { referencePage } from '../../scripts/generated/reference-page.ts';
import { root } from '../../scripts/root.ts';

/** The page of a package whose one source file this is. */
function pageOf(source: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'konductor-reference-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'src'));
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ compilerOptions: { strict: true, noLib: true, types: [] } }),
  );
  writeFileSync(join(folder, 'src/index.ts'), source);
  return referencePage('example', exportedSymbols(join(folder, 'src/index.ts')));
}

describe('the API reference', () => {
  it('is what the docstrings of the constructs say now', () => {
    const page = referencePage('@konductor/cdk8s', exportedSymbols(join(root, 'cdk8s/src/index.ts')));
    expect(readFileSync(join(root, 'docs/reference/cdk8s.md'), 'utf8')).toBe(page);
  });

  it('shows what is public, with optional fields, types and links', () => {
    const page = pageOf(`
      /** What a {@link Counter} starts with. */
      export interface Options {
        /** Absent: 0. See {@link Counter.add}, {@link Options.start}, {@link Elsewhere}. */
        readonly start?: number | 'one';
      }
      /** The base. */
      export abstract class Base {
        /** Inherited. */
        reset(): void {}
      }
      /** Counts. */
      export class Counter extends Base {
        #secret = 0;
        protected hidden = 0;
        /** What it is now. */
        readonly value = 1;
        constructor(options: Options = {}) { super(); }
        /** Raises it. */
        add({ start }: Options, by?: number): void { this.#secret += by ?? Number(start); }
        private lower(): void {}
      }
    `);
    expect(page).toContain('```ts\nclass Counter extends Base\nnew Counter(options?: Options)\n```\n\nCounts.');
    expect(page).toContain('#### add\n\n```ts\nadd(props: Options, by?: number): void\n```\n\nRaises it.');
    const links = '[`Counter.add`](#add), [`Options.start`](#options), `Elsewhere`';
    expect(page).toContain(`| \`start?\` | \`number \\| 'one'\` | Absent: 0. See ${links}. |`);
    expect(page).toContain('| `value` | `1` | What it is now. |');
    expect(page.match(/#### reset/g)).toHaveLength(1);
    expect(page).not.toMatch(/secret|hidden|lower/);
  });

  it('refuses an export, or a field of one, that says nothing', () => {
    expect(() => pageOf('export function run(): void {}')).toThrow('run is exported and has no docstring: write one');
    expect(() => pageOf('/** A. */ export interface A { readonly b: string }')).toThrow(
      'A.b is exported and has no docstring: write one',
    );
  });
});
