// npm run lint: types, style, the one-way imports, and whether the constructs are what jsii takes. Also fails when Biome checked fewer files than git has, because a
// pattern that matches nothing passes silently.
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { compilePackage } from './jsii/jsii.ts';
import { root } from './root.ts';

const bin = (name: string) => join(root, 'node_modules', '.bin', name);

const types = spawnSync(bin('tsc'), ['-b'], { cwd: root, stdio: 'inherit' });
const style = spawnSync(bin('biome'), ['check', '--error-on-warnings', '.'], { cwd: root, encoding: 'utf8' });
process.stdout.write(style.stdout);
process.stderr.write(style.stderr);

const checked = Number(/Checked (\d+) files?/.exec(style.stdout + style.stderr)?.[1] ?? 0);
const sources = execFileSync('git', ['ls-files', '*.ts', '*.mjs'], { cwd: root, encoding: 'utf8' });
const expected = sources
  .trim()
  .split('\n')
  .filter((file) => file !== 'vitest.config.ts').length;
if (checked < expected)
  console.error(`lint: Biome checked ${checked} files, git has ${expected} sources: look at biome.json`);

const isForAllLanguages = types.status === 0 && compiles();

process.exit(types.status || style.status || (checked < expected || !isForAllLanguages ? 1 : 0));

function compiles(): boolean {
  try {
    compilePackage();
    return true;
  } catch (error) {
    console.error(`lint: ${(error as Error).message}`);
    return false;
  }
}
