import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { root } from '../../scripts/root.ts';

it.each([
  [
    'npm run build -- --nope',
    ['scripts/build.ts', '--nope'],
    "konductor: Unknown option '--nope': choose from --all, --executables, --if-stale, --target",
  ],
  [
    'npm run bench -- nope',
    ['test/bench/main.ts', 'nope'],
    'bench: no section is called "nope": choose from cli, wait',
  ],
])('%s lists the choices in one line', (_, args, message) => {
  const argv = ['--conditions=konductor-source', ...args];
  const { status, stderr } = spawnSync(process.execPath, argv, { cwd: root, encoding: 'utf8' });
  expect([status, stderr.trimEnd().split('\n')]).toEqual([1, [expect.stringContaining(message)]]);
});
