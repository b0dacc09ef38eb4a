// Writes the shipped manifests to cdk8s/manifests.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { synthesizeManifests } from './manifests.ts';

const DIRECTORY = join(import.meta.dirname, '../manifests');

for (const [path, content] of synthesizeManifests()) {
  const file = join(DIRECTORY, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}
