import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root } from '../../scripts/root.ts';

let folder: string;

/** The project's rules in a folder of their own: a file in the real sources would make the executables stale. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'konductor-imports-'));
  const config = JSON.parse(readFileSync(join(root, 'biome.json'), 'utf8'));
  writeFileSync(join(folder, 'biome.json'), JSON.stringify({ ...config, vcs: { enabled: false } }));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What Biome says of a file with this source in a workspace. */
function lint(workspace: string, source: string): string {
  const file = join(workspace, 'src', 'probe.ts');
  mkdirSync(join(folder, workspace, 'src'), { recursive: true });
  writeFileSync(join(folder, file), source);
  const { stdout, stderr } = spawnSync(join(root, 'node_modules/.bin/biome'), ['lint', file], {
    cwd: folder,
    encoding: 'utf8',
  });
  expect(stdout + stderr).toContain('Checked 1 file');
  return stdout + stderr;
}

describe('imports', () => {
  it.each([
    ['schema', "import '@konductor/client';\n"],
    ['client', "export * from '@konductor/operator';\n"],
    ['client', "await import('../../cli/src/main.ts');\n"],
    ['operator', "import '@konductor/cli';\n"],
    ['cli', "import '../../operator/src/main.ts';\n"],
    ['cdk8s', "import '@konductor/client';\n"],
  ])('from %s: the linter refuses %s', (workspace, source) => {
    expect(lint(workspace, source)).toContain('Imports go schema <- client');
  });

  it('from cli: the linter lets @konductor/client pass', () => {
    expect(lint('cli', "import '@konductor/client';\n")).not.toContain('Imports go');
  });
});
