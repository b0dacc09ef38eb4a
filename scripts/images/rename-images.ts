// The documents name the images as they are: a new setting of their repository reaches them with the next npm run synth.
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../root.ts';

/** Holds the repository of the last synth. */
const VERSION_FILE = 'cdk8s/src/version.ts';
/** What nothing generates. The changelog and the decisions tell what was. */
const DOCUMENTS = ['*.md', '*/README.md', 'docs/*.md', 'docs/guides/*.md', 'test/**/*.snap'];

/** Writes the repository into all documents, in the place of the one of the last synth. */
export function renameImages(repository: string): void {
  const previous = previousRepository();
  if (!previous || previous === repository) return;
  const name = new RegExp(`(?<![\\w./-])${previous.replaceAll('.', '\\.')}(?![\\w-])`, 'g');
  for (const path of globSync(DOCUMENTS, { cwd: root, exclude: ['CHANGELOG.md', '**/node_modules/**'] })) {
    const text = readFileSync(join(root, path), 'utf8');
    const renamed = text.replaceAll(name, () => repository);
    if (renamed !== text) writeFileSync(join(root, path), renamed);
  }
}

function previousRepository(): string | undefined {
  const path = join(root, VERSION_FILE);
  return existsSync(path) ? /IMAGE_REPOSITORY: string = '(.+)'/.exec(readFileSync(path, 'utf8'))?.[1] : undefined;
}
