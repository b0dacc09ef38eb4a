import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { targetOf, verifyTarget } from '../../../scripts/executables/executable-target.ts';
import { executablesFor } from '../../../scripts/executables/executables.ts';
import { root } from '../../../scripts/root.ts';
import { koncliPath } from '../../support/processes/executables.ts';

/** A target that this machine cannot run. */
const foreign = process.platform === 'darwin' ? 'linux-arm64-musl' : 'darwin-arm64';
const [koncli] = executablesFor(foreign);
const path = join(root, koncli?.path ?? '');

const build = (target: string) =>
  execFileSync(process.execPath, ['scripts/build.ts', '--executables', '--if-stale', '--target', target], {
    cwd: root,
    stdio: 'pipe',
  });

describe('koncli for another platform', () => {
  beforeAll(() => void build(foreign), 120_000);

  it('is built for it', () => {
    expect(targetOf(readFileSync(path))).toBe(foreign);
  });

  it('is rejected for another target', () => {
    expect(() => verifyTarget(path, 'linux-x64')).toThrow(`${path} is made for ${foreign}, not for linux-x64`);
  });

  it('is reported as unverified', () => {
    expect(verifyTarget(path, foreign)).toBe(
      `is made for ${foreign}; unverified beyond that, as this machine cannot run it`,
    );
  });

  it('is built for known targets only', () => {
    expect(() => build('linux-riscv64')).toThrow(/konductor: --target takes linux-x64, linux-x64-musl, .*\n$/);
  });
});

describe('koncli for this machine', () => {
  it('is built for it, and runs', () => {
    const target = targetOf(readFileSync(process.execPath));
    if (!target) throw new Error('Node is made for another target than koncli');
    expect(verifyTarget(koncliPath(), target)).toMatch(/^runs: koncli /);
  });
});
