// Writes docs/reference: what the published packages export, from their docstrings.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { exportedSymbols } from './generated/exported-symbols.ts';
import { referencePage } from './generated/reference-page.ts';
import { root } from './root.ts';

const packages = ['cdk8s'];

for (const name of packages) {
  const path = join(root, `docs/reference/${name}.md`);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, referencePage(`@konductor/${name}`, exportedSymbols(join(root, name, 'src/index.ts'))));
}
