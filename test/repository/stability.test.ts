// docs/stability.md promises what there is: names that users write into their manifests and scripts are in it, all of them.
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from '../../scripts/root.ts';

const page = readFileSync(join(root, 'docs/stability.md'), 'utf8');
const sources = globSync('{schema,client,operator,cli,cdk8s}/src/**/*.ts', { cwd: root }).map((file) =>
  readFileSync(join(root, file), 'utf8'),
);
const namesIn = (pattern: RegExp) => [...new Set(sources.flatMap((text) => text.match(pattern) ?? []))].sort();

describe('docs/stability.md', () => {
  it.each([
    ['label and annotation', /(?<![\w.])konductor\.io\/[a-z]+(?:-[a-z]+)*\b(?!\d)/g, 10],
    ['variable', /\bKONDUCTOR_[A-Z_]*[A-Z]\b/g, 4],
  ])('names every %s', (_, pattern, atLeast) => {
    const names = namesIn(pattern).filter((name) => name !== 'konductor.io/v');
    expect(names.length).toBeGreaterThanOrEqual(atLeast);
    expect(names.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  });

  it('names the lowest Node that the packages ask for', () => {
    const { engines } = JSON.parse(readFileSync(join(root, 'client/package.json'), 'utf8'));
    expect(page).toContain(`${engines.node.replace(/^>=(\d+\.\d+)\..*/, '$1')} or newer`);
  });
});
