// The archives of the images.
import { globSync, linkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { root } from '../root.ts';
import { runScript } from './run.ts';
import { VERSION } from './version.ts';

export function makeImages(folder: string): void {
  runScript('images.ts');
  for (const archive of globSync('dist/images/*.tar', { cwd: root }).sort())
    linkSync(join(root, archive), join(folder, `image-${basename(archive, '.tar')}-${VERSION}.tar`));
}
