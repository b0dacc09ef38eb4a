// The forge's workflows call what anybody can call, with no permissions but to read.
import { spawnSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { root } from '../../scripts/root.ts';
import { run } from './fresh-project.ts';

interface Job {
  readonly permissions: object;
  readonly steps: readonly { readonly run?: string; readonly uses?: string }[];
}

const files = globSync('.github/workflows/*.yaml', { cwd: root }).sort();
const hasGo = spawnSync('go', ['version']).status === 0;

describe.each(files)('%s', (file) => {
  const workflow: { permissions: object; jobs: Record<string, Job> } = parse(readFileSync(join(root, file), 'utf8'));
  const jobs = Object.values(workflow.jobs);

  it.skipIf(!hasGo)('has no errors that actionlint finds', { timeout: 300_000 }, () => {
    const actionlint = join(import.meta.dirname, 'actionlint');
    const args = ['tool', 'actionlint', '-shellcheck=', '-pyflakes=', join(root, file)];
    expect(run('go', args, actionlint)).toBe('');
  });

  it('may read the repository and nothing else', () => {
    expect([workflow.permissions, ...jobs.map(({ permissions }) => permissions)]).toEqual([{}, { contents: 'read' }]);
  });

  it('runs commands of this repository that exist', () => {
    const commands = jobs.flatMap(({ steps }) => steps.flatMap((step) => step.run ?? []));
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    expect(commands).toHaveLength(1);
    for (const command of commands) {
      const [, script] = /^npm run ([\w:]+)/.exec(command) ?? [];
      expect([command, script ? script in scripts : existsSync(join(root, command))]).toEqual([command, true]);
    }
  });
});
