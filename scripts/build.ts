// npm run build: the npm packages (tsc) and this machine's executables (Bun). `--target linux-arm64` makes koncli for that
// one too, `--all` for every target.
import { execFileSync } from 'node:child_process';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bunRuntime } from './bun-runtimes.ts';
import { verifyTarget } from './executable-target.ts';
import {
  digestPath,
  type Executable,
  executables,
  inputsDigest,
  isStale,
  koncliFor,
  root,
  type Target,
  targets,
} from './executables.ts';

const { values } = parseArgs({
  options: {
    all: { type: 'boolean', default: false },
    executables: { type: 'boolean', default: false },
    'if-stale': { type: 'boolean', default: false },
    target: { type: 'string', multiple: true, default: [] },
  },
});

try {
  const wanted = values.all ? targets : values.target.map(parseTarget);
  if (!values.executables) buildPackages();
  for (const executable of executables) compileIfWanted(executable);
  for (const target of wanted) buildFor(target);
} catch (error) {
  console.error(`konductor: ${(error as Error).message}`);
  process.exit(1);
}

function parseTarget(text: string): Target {
  const target = targets.find((one) => one === text);
  if (!target) throw new Error(`--target takes ${targets.join(', ')}`);
  return target;
}

function buildPackages(): void {
  console.error('konductor: compiling the npm packages ...');
  run('tsc', ['-b', 'schema', 'client', 'operator', 'cli', 'cdk8s']);
}

function buildFor(target: Target): void {
  const executable = koncliFor(target);
  compileIfWanted(executable, [`--target=bun-${target}`, `--compile-executable-path=${bunRuntime(target)}`]);
  console.error(`konductor: ${executable.path} ${verifyTarget(join(root, executable.path), target)}`);
}

/** Renamed into place at the end, so that a run in progress keeps the executable it started with. */
function compileIfWanted(executable: Executable, targetFlags: readonly string[] = []): void {
  if (values['if-stale'] && !isStale(executable)) return;
  console.error(`konductor: compiling ${executable.path} ...`);
  const digest = inputsDigest(executable);
  const unfinished = `${executable.path}.${process.pid}`;
  try {
    run('bun', [
      'build',
      '--compile',
      '--minify',
      '--bytecode',
      // Else a .env or bunfig.toml of the folder that it happens to be started in changes what it does.
      '--no-compile-autoload-dotenv',
      '--no-compile-autoload-bunfig',
      ...executable.formatFlags,
      ...targetFlags,
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
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    process.stderr.write(`${stdout}${stderr}`);
    throw new Error(`${command} failed`);
  }
}
