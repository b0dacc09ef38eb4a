// THIRD-PARTY-NOTICES.txt of an executable: what it contains, and the licences of all of it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../root.ts';
import type { BundledPackage } from './bundled-packages.ts';
import { licenseTexts } from './licenses.ts';

export const NOTICES = 'THIRD-PARTY-NOTICES.txt';

const LINE = '='.repeat(80);
const read = (path: string) => readFileSync(join(root, path), 'utf8').trim();

/** `name` is the executable's. Packages with the same text share it. */
export function noticesOf(name: string, packages: readonly BundledPackage[]): string {
  const ids = packages.map(({ name, version, license }) => `  ${name} ${version} (${license})`);
  const head = `${name} is part of Konductor, whose licence comes first. It contains these npm packages:

${ids.join('\n')}

and the Bun runtime. All licences follow.`;
  const sections: [string, string][] = [
    ['Konductor', read('LICENSE')],
    ...sectionsOf(packages),
    ['Bun, JavaScriptCore and what they contain', read('licenses/bun.md')],
    ['GNU Lesser General Public License, version 2.1', read('images/LGPL-2.1.txt')],
  ];
  return `${[head, ...sections.map(([title, text]) => `${LINE}\n${title}\n${LINE}\n\n${text}`)].join('\n\n')}\n`;
}

function sectionsOf(packages: readonly BundledPackage[]): [string, string][] {
  const owners = new Map<string, string[]>();
  for (const one of packages)
    for (const text of licenseTexts(one)) owners.set(text, [...(owners.get(text) ?? []), `${one.name} ${one.version}`]);
  return [...owners].map(([text, names]) => [names.join('\n'), text]);
}
