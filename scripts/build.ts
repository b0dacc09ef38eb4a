// npm run build: the npm packages (tsc) and this machine's executables (Bun). `--target linux-arm64` builds them for that
// one too, `--all` for every target.
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { bunRuntime } from './executables/bun-runtimes.ts';
import { bundledPackages } from './executables/bundled-packages.ts';
import { compile, runTool } from './executables/compile.ts';
import { verifyTarget } from './executables/executable-target.ts';
import {
  digestPath,
  type Executable,
  executables,
  executablesFor,
  inputsDigest,
  isStale,
  type Target,
  targets,
} from './executables/executables.ts';
import { NOTICES, noticesOf } from './executables/notices.ts';
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
  const targetFlags = [`--target=bun-${target}`, `--compile-executable-path=${bunRuntime(target)}`];
  for (const executable of executablesFor(target)) {
    const { path, formatFlags } = executable;
    compileIfWanted({ ...executable, formatFlags: [...formatFlags, ...targetFlags] }, ifStale);
    console.error(`konductor: ${path} ${verifyTarget(join(root, path), target)}`);
  }
}

/** Renamed into place at the end, so that a run in progress keeps the executable it started with. */
function compileIfWanted(executable: Executable, ifStale: boolean): void {
  if (ifStale && !isStale(executable)) return;
  console.error(`konductor: compiling ${executable.path} ...`);
  const digest = inputsDigest(executable);
  const folder = join(root, `${dirname(executable.path)}/.unfinished-${process.pid}`);
  const unfinished = join(folder, basename(executable.path));
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, NOTICES), noticesOf(executable.name, bundledPackages(executable)));
    compile({ ...executable, outfile: unfinished }, [join(folder, NOTICES)]);
    for (const file of [unfinished, join(folder, NOTICES)])
      renameSync(file, join(root, dirname(executable.path), basename(file)));
    writeFileSync(join(root, digestPath(executable)), digest);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
