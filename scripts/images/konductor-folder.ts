// The folder /konductor of the images: an executable with a libc of its own, so that it runs wherever the folder is
// mounted at that path, even in an image without a libc.
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { interpreterOf, isElf, machineOf, neededOf } from '../executables/elf.ts';
import { NOTICES } from '../executables/notices.ts';
import { root } from '../root.ts';
import { filesOf } from './debian-package.ts';
import { type Architecture, LIBC_VERSION, libcPackage } from './libc-package.ts';
import { useOwnLibc } from './own-libc.ts';

const MOUNTED_AT = '/konductor';
const LICENCE = 'LGPL-2.1.txt';
const MACHINES: Readonly<Record<number, Architecture>> = { 62: 'amd64', 183: 'arm64' };

/** Fills `folder` with the executable, the libc of its architecture, and the licences of both. */
export async function makeKonductorFolder(executable: string, folder: string, name = basename(executable)) {
  const file = readFileSync(executable);
  const interpreter = isElf(file) ? interpreterOf(file) : undefined;
  const architecture = MACHINES[machineOf(file)];
  if (!interpreter || interpreter.includes('/ld-musl-') || !architecture)
    throw new Error(`${executable} is not made for Linux with glibc, which is the libc of the images`);
  const libraries = new Set([basename(interpreter), ...neededOf(file)]);
  mkdirSync(join(folder, 'lib'), { recursive: true });
  chmodSync(folder, 0o755);
  await copyLibc(architecture, libraries, join(folder, 'lib'));
  useOwnLibc(file, {
    interpreter: `${MOUNTED_AT}/lib/${basename(interpreter)}`,
    libraries: `${MOUNTED_AT}/lib`,
  });
  write(join(folder, name), file, 0o755);
  for (const text of [join(root, 'LICENSE'), join(dirname(executable), NOTICES)])
    write(join(folder, basename(text)), readFileSync(text), 0o644);
}

async function copyLibc(architecture: Architecture, libraries: ReadonlySet<string>, folder: string): Promise<void> {
  chmodSync(folder, 0o755);
  const files = await filesOf(await libcPackage(architecture));
  for (const library of libraries) {
    const content = files.get(library);
    if (!content) throw new Error(`the executable is linked against ${library}, which is not of libc`);
    write(join(folder, library), content, 0o755);
  }
  write(join(folder, 'copyright'), files.get('copyright') ?? '', 0o644);
  write(join(folder, LICENCE), readFileSync(join(root, 'images', LICENCE)), 0o644);
  write(join(folder, 'README'), README, 0o644);
}

const README = `The libraries in this folder are unmodified copies of the GNU C Library of Debian: package libc6, version ${LIBC_VERSION}.
Their licence is the LGPL, version 2.1 or later (${LICENCE}; details are in the file copyright). Their source is Debian's
package glibc of the same version, https://snapshot.debian.org/package/glibc/${encodeURIComponent(LIBC_VERSION)}/.
They can be replaced by others of the same or a newer version.
`;

/** Sets the mode regardless of the umask: the processes of the images are not root. */
function write(path: string, content: Buffer | string, mode: number): void {
  writeFileSync(path, content);
  chmodSync(path, mode);
}
