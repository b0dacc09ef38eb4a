// npm run build: the npm packages (tsc) and this machine's executables (Bun).
import { execFileSync } from 'node:child_process';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { digestPath, type Executable, executables, inputsDigest, isStale, root } from './executables.ts';

const { values } = parseArgs({
  options: { executables: { type: 'boolean', default: false }, 'if-stale': { type: 'boolean', default: false } },
});

if (!values.executables) buildPackages();
for (const executable of executables) if (!values['if-stale'] || isStale(executable)) compile(executable);

function buildPackages(): void {
  console.error('konductor: compiling the npm packages ...');
  run('tsc', ['-b', 'schema', 'client', 'operator', 'cli', 'cdk8s']);
}

/** Renamed into place at the end, so that a run in progress keeps the executable it started with. */
function compile(executable: Executable): void {
  console.error(`konductor: compiling ${executable.path} ...`);
  const digest = inputsDigest(executable);
  const unfinished = `${executable.path}.${process.pid}`;
  try {
    run('bun', [
      'build',
      '--compile',
      '--minify',
      '--bytecode',
      ...executable.formatFlags,
      '--conditions=konductor-source',
      executable.entry,
      `--outfile=${unfinished}`,
    ]);
    renameSync(join(root, unfinished), join(root, executable.path));
    writeFileSync(join(root, digestPath(executable)), digest);
  } finally {
    rmSync(join(root, unfinished), { force: true });
  }
}

/** Output is shown only when the command fails. */
function run(command: string, args: readonly string[]): void {
  try {
    execFileSync(join(root, 'node_modules', '.bin', command), args, { cwd: root, stdio: 'pipe', encoding: 'utf8' });
  } catch (error) {
    const { stdout = '', stderr = '', status = 1 } = error as { stdout?: string; stderr?: string; status?: number };
    process.stderr.write(`${stdout}${stderr}konductor: ${command} failed\n`);
    process.exit(status || 1);
  }
}
