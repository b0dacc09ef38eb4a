// The content of koncli's image as a folder of this machine, for the pods that the tests of one file run.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeEach, type TestContext } from 'vitest';
import { makeKonductorFolder } from '../../../scripts/images/konductor-folder.ts';
import { LibcUnavailable } from '../../../scripts/images/libc-package.ts';
import { koncliPath } from '../processes/executables.ts';
import { needEmptyRoots } from './empty-root.ts';

/** Returns the folder's path. Each test that follows has it, or is skipped where no pods can be run. */
export function useKonductorFolder(): string {
  const parent = mkdtempSync(join(tmpdir(), 'konductor-image-'));
  const konductor = join(parent, 'konductor');
  beforeEach(({ skip }) => needKonductorFolder(skip, konductor));
  afterAll(() => rmSync(parent, { recursive: true }));
  return konductor;
}

/** Makes the folder unless it is there; skips the test where no pods can be run, and says why. */
export async function needKonductorFolder(
  skip: TestContext['skip'],
  folder: string,
  { executable = koncliPath(), name = basename(executable) } = {},
): Promise<void> {
  needEmptyRoots(skip);
  if (existsSync(folder)) return;
  await makeKonductorFolder(executable, folder, name).catch((error: Error) => {
    if (error instanceof LibcUnavailable) skip(true, error.message);
    throw error;
  });
}
