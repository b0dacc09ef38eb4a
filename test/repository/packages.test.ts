import { execFileSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from '../../scripts/executables.ts';

interface LockedPackage {
  readonly version?: string;
}

const locked: Record<string, LockedPackage> = JSON.parse(
  readFileSync(join(root, 'package-lock.json'), 'utf8'),
).packages;

describe('the package tree', () => {
  it('holds no `request`, which the framework’s own client-node would bring', () => {
    expect(Object.keys(locked).filter((path) => path.endsWith('node_modules/request'))).toEqual([]);
    expect(globSync('{,*/}node_modules/{,@*/*/node_modules/}request/package.json', { cwd: root })).toEqual([]);
  });

  it('holds client-node 2.0.1 and no other', () => {
    const found = Object.entries(locked).filter(([path]) => path.endsWith('node_modules/@kubernetes/client-node'));
    expect(found.map(([, { version }]) => version)).toEqual(['2.0.1']);
  });

  it('runs the suite on Node 24', () => {
    expect(process.versions.node).toMatch(/^24\./);
    expect(execFileSync('node', ['--version'], { encoding: 'utf8' })).toMatch(/^v24\./);
  });
});
