// npm run build: the npm packages (tsc) and this machine's executables (Bun). `--target linux-arm64` builds koncli for that
// one too, `--all` for every target.
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bunRuntime } from './executables/bun-runtimes.ts';
import { compile, runTool } from './executables/compile.ts';
import { verifyTarget } from './executables/executable-target.ts';
import {
  digestPath,
  type Executable,
  executables,
  inputsDigest,
  isStale,
  koncliFor,
  type Target,
  targets,
} from './executables/executables.ts';
import { root } from './root.ts';

const OPTIONS = {
  all: { type: 'boolean', default: false },
  executables: { type: 'boolean', default: false },
  'if-stale': { type: 'boolean', default: false },
  target: { type: 'string', multiple: true },
} as const;

try {
  const options = readOptions();
  const wanted = options.all ? targets : (options.target ?? []).map(parseTarget);
  if (!options.executables) buildPackages();
  for (const executable of executables) compileIfWanted(executable, options['if-stale']);
  for (const target of wanted) buildFor(target, options['if-stale']);
} catch (error) {
  console.error(`konductor: ${(error as Error).message}`);
  process.exit(1);
}

function readOptions() {
  try {
    return parseArgs({ options: OPTIONS }).values;
  } catch (error) {
    const [reason] = (error as Error).message.split('. ');
    throw new Error(`${reason}: choose from --${Object.keys(OPTIONS).join(', --')}`, { cause: error });
  }
}

function parseTarget(text: string): Target {
  const target = targets.find((one) => one === text);
  if (!target) throw new Error(`--target takes ${targets.join(', ')}`);
  return target;
}

function buildPackages(): void {
  console.error('konductor: compiling the npm packages ...');
  runTool('tsc', ['-b', 'schema', 'client', 'operator', 'cli', 'cdk8s']);
}

function buildFor(target: Target, ifStale: boolean): void {
  const koncli = koncliFor(target);
  const targetFlags = [`--target=bun-${target}`, `--compile-executable-path=${bunRuntime(target)}`];
  compileIfWanted({ ...koncli, formatFlags: [...koncli.formatFlags, ...targetFlags] }, ifStale);
  console.error(`konductor: ${koncli.path} ${verifyTarget(join(root, koncli.path), target)}`);
}

/** Renamed into place at the end, so that a run in progress keeps the executable it started with. */
function compileIfWanted(executable: Executable, ifStale: boolean): void {
  if (ifStale && !isStale(executable)) return;
  console.error(`konductor: compiling ${executable.path} ...`);
  const digest = inputsDigest(executable);
  const unfinished = `${executable.path}.${process.pid}`;
  try {
    compile({ ...executable, outfile: unfinished });
    renameSync(join(root, unfinished), join(root, executable.path));
    writeFileSync(join(root, digestPath(executable)), digest);
  } finally {
    rmSync(join(root, unfinished), { force: true });
  }
}
