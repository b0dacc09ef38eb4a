// The content of koncli's image as a folder of this machine, for the pods that the tests of one file run.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach } from 'vitest';
import { makeKonductorFolder } from '../../../scripts/images/konductor-folder.ts';
import { koncliPath } from '../processes/executables.ts';
import { needEmptyRoots } from './empty-root.ts';

/** Returns the folder's path. Each test that follows has it, or is skipped where no pods can be run. */
export function useKonductorFolder(): string {
  const parent = mkdtempSync(join(tmpdir(), 'konductor-image-'));
  const konductor = join(parent, 'konductor');
  beforeEach(({ skip }) => {
    needEmptyRoots(skip);
    if (!existsSync(konductor)) makeKonductorFolder(koncliPath(), konductor);
  });
  afterAll(() => rmSync(parent, { recursive: true }));
  return konductor;
}
