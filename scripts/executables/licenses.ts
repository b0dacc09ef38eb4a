// The licences of what an executable contains: which are acceptable, and where a package has their text.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../root.ts';
import type { BundledPackage } from './bundled-packages.ts';

/** Licences that allow an Apache-2.0 program to contain the package. Another one needs a decision. */
export const ACCEPTED: readonly string[] = ['Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT', 'Unlicense'];

const FILE = /^((un)?licen[cs]e|copying|notice)(\.|-|$)/i;
/** Some packages have their licence at the end of their README only. */
const README_SECTION = /^#*\s*licen[cs]e\s*\n(-+\n)?(.*permission is hereby granted.*?)(\n\[|\n#|$(?![\s\S]))/ims;

/** The texts of a package's licence and notices. Throws if the licence is not accepted, or its text is not in the package. */
export function licenseTexts(one: BundledPackage): string[] {
  const { name, version, license, folder } = one;
  if (!license || !ACCEPTED.includes(license))
    throw new Error(`${name}@${version} has the licence ${license ?? 'of no name'}: scripts/executables/licenses.ts`);
  const texts = textsIn(join(root, folder));
  if (texts.length === 0) throw new Error(`${name}@${version} has no text of its licence in ${folder}`);
  return texts;
}

function textsIn(folder: string): string[] {
  const files = readdirSync(folder);
  const read = (file: string) => readFileSync(join(folder, file), 'utf8').replaceAll('\r\n', '\n').trim();
  const texts = files.filter((file) => FILE.test(file)).map(read);
  if (texts.length > 0) return texts;
  const readme = files.find((file) => /^readme\.md$/i.test(file));
  const section = readme && README_SECTION.exec(`${read(readme)}\n`)?.[2];
  return section ? [section.trim()] : [];
}
