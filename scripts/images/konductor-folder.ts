// The folder /konductor of the images: an executable with a libc of its own, so that it runs wherever the folder is
// mounted at that path, even in an image without a libc.
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { interpreterOf, isElf } from '../executables/elf.ts';
import { NOTICES } from '../executables/notices.ts';
import { root } from '../root.ts';
import { useOwnLibc } from './own-libc.ts';

const MOUNTED_AT = '/konductor';
const LICENCE = 'LGPL-2.1.txt';

/** Fills `folder` with the executable, the libc of this machine, and the licences of both. */
export function makeKonductorFolder(executable: string, folder: string): void {
  const file = readFileSync(executable);
  const interpreter = isElf(file) ? interpreterOf(file) : undefined;
  if (!interpreter || interpreter.includes('/ld-musl-'))
    throw new Error(`${executable} is not made for Linux with glibc, and an image holds the glibc it was built with`);
  mkdirSync(join(folder, 'lib'), { recursive: true });
  chmodSync(folder, 0o755);
  copyLibc(executable, interpreter, join(folder, 'lib'));
  useOwnLibc(file, {
    interpreter: `${MOUNTED_AT}/lib/${basename(interpreter)}`,
    libraries: `${MOUNTED_AT}/lib`,
  });
  write(join(folder, basename(executable)), file, 0o755);
  for (const text of [join(root, 'LICENSE'), join(dirname(executable), NOTICES)])
    write(join(folder, basename(text)), readFileSync(text), 0o644);
}

function copyLibc(executable: string, interpreter: string, folder: string): void {
  chmodSync(folder, 0o755);
  for (const library of librariesOf(executable, interpreter)) {
    write(join(folder, basename(library)), readFileSync(library), 0o755);
  }
  write(join(folder, LICENCE), readFileSync(join(root, 'images', LICENCE)), 0o644);
  write(join(folder, 'README'), readme(join(folder, 'libc.so.6')), 0o644);
}

/** All libraries that the loader loads in an empty environment, including itself. */
function librariesOf(executable: string, interpreter: string): string[] {
  const list = execFileSync(interpreter, ['--list', executable], { encoding: 'utf8', env: {} });
  return [...list.matchAll(/(\/\S+) \(0x/g)].map(([, path = '']) => path);
}

/** glibc prints its version when it is run. */
function readme(libc: string): string {
  return `The libraries in this folder are unmodified copies of the GNU C Library of the machine that this was built on. Their
licence is the LGPL, version 2.1 or later (${LICENCE}). Their source is that of the distribution named here, and
https://sourceware.org/git/glibc.git; they can be replaced by others of the same or a newer version.

${execFileSync(libc, { encoding: 'utf8' })}`;
}

/** Sets the mode regardless of the umask: the processes of the images are not root. */
function write(path: string, content: Buffer | string, mode: number): void {
  writeFileSync(path, content);
  chmodSync(path, mode);
}
