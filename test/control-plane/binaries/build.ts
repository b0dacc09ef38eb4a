// Builds executables with Go into the project's cache: one build at a time, visible there only when complete.
import { execFile } from 'node:child_process';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { withLock } from '../../../scripts/lock.mjs';
import { identifySelf, isRunning } from '../ownership/process-identity.ts';
import { missingFrom } from './cache.ts';

const HEARTBEAT_MS = 15_000;
const SHOWN_LINES = 20;
const MAX_OUTPUT_BYTES = 2 ** 30;
const UNFINISHED = '.building-';

/** One run of `go build`. */
export interface GoBuild {
  /** The directory of the Go module that pins the versions. */
  readonly directory: string;
  readonly linkerFlags: string;
  /** In the folder of all executables; ending with a slash where several packages give theirs their own names. */
  readonly output: string;
  readonly packages: readonly string[];
}

export interface BuildOptions {
  /** What is built, for people, and how long it takes. */
  readonly what: string;
  readonly duration: string;
  /** What to do where there is no Go. */
  readonly withoutGo: string;
  readonly builds: readonly GoBuild[];
  /** The folder that will hold the executables. */
  readonly target: string;
  /** Those that it must hold. */
  readonly names: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly log: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/** Returns when the target is complete, whichever process built it. */
export async function buildBinaries(options: BuildOptions): Promise<void> {
  const { what, target, names, log, signal } = options;
  const isComplete = async () => (await missingFrom(target, names)).length === 0;
  if (await isComplete()) return;
  const onWait = (pid: number) => log(`process ${pid} is building ${what}: waiting for it`);
  await mkdir(dirname(target), { recursive: true });
  await withLock(target, { onWait, signal }, async () => {
    if (await isComplete()) return;
    await removeUnfinished(dirname(target));
    await build(options);
  });
}

/** Builds whose process died; one that lives may belong to other versions. */
async function removeUnfinished(cache: string): Promise<void> {
  for (const name of await readdir(cache)) {
    if (!name.startsWith(UNFINISHED) || isRunning(name.slice(UNFINISHED.length))) continue;
    await rm(join(cache, name), { recursive: true, force: true });
  }
}

async function build(options: BuildOptions): Promise<void> {
  const { what, duration, builds, target, log } = options;
  const unfinished = join(dirname(target), `${UNFINISHED}${identifySelf()}`);
  const startedAt = performance.now();
  log(`building ${what} into ${target}: ${duration}, once`);
  try {
    await mkdir(unfinished, { recursive: true });
    for (const one of builds) await runGo(one, unfinished, options);
    // A folder can be renamed only onto an empty one; what is replaced lacks an executable, so nothing runs from it.
    await rm(target, { recursive: true, force: true });
    await rename(unfinished, target);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
  log(`built ${what} in ${elapsed(startedAt)}`);
}

async function runGo(build: GoBuild, out: string, { withoutGo, env, log, signal }: BuildOptions): Promise<void> {
  const { directory: cwd, linkerFlags, output, packages } = build;
  const startedAt = performance.now();
  const heartbeat = setInterval(() => log(`building ${basename(cwd)} (${elapsed(startedAt)})`), HEARTBEAT_MS);
  const args = ['build', '-trimpath', '-ldflags', linkerFlags, '-o', `${out}/${output}`, ...packages];
  try {
    await promisify(execFile)('go', args, { cwd, env, signal, maxBuffer: MAX_OUTPUT_BYTES });
  } catch (error) {
    const { code, message, stderr } = error as NodeJS.ErrnoException & { readonly stderr?: string };
    const reason = stderr?.trimEnd().split('\n').slice(-SHOWN_LINES).join('\n') || message;
    const explanation = code === 'ENOENT' ? withoutGo : `Go could not build ${cwd}:\n${reason}`;
    throw new Error(explanation, { cause: error });
  } finally {
    clearInterval(heartbeat);
  }
}

function elapsed(startedAt: number): string {
  return `${Math.round((performance.now() - startedAt) / 1000)} s`;
}
