// Mermaid's own parser accepts the diagrams of all documents.
import { globSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createContext, runInContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { root } from '../../scripts/root.ts';

interface Mermaid {
  readonly parse: (diagram: string) => Promise<{ readonly diagramType: string }>;
}

const documents = globSync('{*.md,{docs,cdk8s}/**/*.md}', { cwd: root, exclude: ['**/node_modules'] }).sort();
const diagrams = documents.flatMap((path) => {
  const fenced = readFileSync(join(root, path), 'utf8').matchAll(/^ *```mermaid\n(.*?)^ *```$/gms);
  return [...fenced].map(([, diagram = '']) => ({ path, diagram }));
});

const mermaid = loadMermaid();

/** Mermaid is made for browsers. Parsing needs no document, but the library that cleans HTML looks for one as it loads. */
function loadMermaid(): Mermaid {
  const document = { nodeType: 9, implementation: {}, createElement: () => ({}) };
  const window = { document, Element: class {}, addEventListener: () => undefined };
  const context = createContext({ window, document, structuredClone, URL, console, setTimeout });
  const script = createRequire(import.meta.url).resolve('@mermaid-js/tiny');
  runInContext(readFileSync(script, 'utf8'), context, { filename: script });
  return context.mermaid;
}

describe('the diagrams of the documents', () => {
  it('are found', () => {
    expect(diagrams).not.toEqual([]);
  });

  it.each(diagrams)('can be drawn: $path', async ({ diagram }) => {
    expect(await mermaid.parse(diagram)).toHaveProperty('diagramType');
  });

  it.each([
    ['an arrow to nobody', 'sequenceDiagram\n  worker->>\n'],
    ['a box that stays open', 'flowchart LR\n  a[open --> b\n'],
    ['no kind of diagram', 'a --> b\n'],
  ])('could not be with %s', async (_, diagram) => {
    await expect(mermaid.parse(diagram)).rejects.toThrow();
  });
});
