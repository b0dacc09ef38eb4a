// The licences of koncli and of all that it contains, which the build embeds in the executable.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** The npm package contains nothing of others: each of its dependencies is installed with its own licence. */
export async function readLicenses(): Promise<string> {
  const [embedded]: readonly Blob[] = Reflect.get(globalThis, 'Bun')?.embeddedFiles ?? [];
  return embedded?.text() ?? readFile(fileURLToPath(import.meta.resolve('../../LICENSE')), 'utf8');
}
