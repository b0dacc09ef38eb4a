// The programs that make images: whichever of them is on this machine.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface ImageBuild {
  readonly containerfile: string;
  /** The folder that its COPY copies from. */
  readonly context: string;
  /** With the registry, which containerd adds to names that lack it. */
  readonly reference: string;
  /** Where the archive goes, in the format of `docker save`. */
  readonly archive: string;
}

export interface ImageBuilder {
  readonly name: string;
  build(build: ImageBuild): void;
}

type Commands = (build: ImageBuild, storage: readonly string[]) => readonly (readonly string[])[];

interface Program {
  /** Ends with 0 where the program works; Docker needs its daemon. */
  readonly probe: readonly string[];
  readonly commands: Commands;
}

const PROGRAMS: Readonly<Record<string, Program>> = {
  docker: {
    probe: ['version'],
    commands: (build) => [buildCommand(build), ['save', '--output', build.archive, build.reference]],
  },
  podman: {
    probe: ['--version'],
    commands: (build, storage) => [
      [...storage, ...buildCommand(build)],
      [...storage, 'save', '--format', 'docker-archive', '--output', build.archive, build.reference],
    ],
  },
  buildah: {
    probe: ['--version'],
    commands: (build, storage) => [
      [...storage, ...buildCommand(build)],
      [...storage, 'push', build.reference, `docker-archive:${build.archive}:${build.reference}`],
    ],
  },
};

/** The first that works; absent: none does. */
export function findImageBuilder(): ImageBuilder | undefined {
  const found = Object.entries(PROGRAMS).find(([name, { probe }]) => spawnSync(name, probe).status === 0);
  if (!found) return undefined;
  const [name, { commands }] = found;
  return { name, build: (build) => buildWith(name, commands, build) };
}

function buildCommand({ containerfile, context, reference }: ImageBuild): readonly string[] {
  return ['build', '--file', containerfile, '--tag', reference, context];
}

/** Storage of its own leaves nothing behind, and as plain folders (vfs) it needs no rights. */
function buildWith(name: string, commands: Commands, build: ImageBuild): void {
  const directory = mkdtempSync(join(tmpdir(), 'konductor-images-'));
  const storage = ['--storage-driver', 'vfs', '--root', join(directory, 'root'), '--runroot', join(directory, 'run')];
  const unfinished = `${build.archive}.${process.pid}`;
  try {
    for (const command of commands({ ...build, archive: unfinished }, storage)) run(name, command);
    renameSync(unfinished, build.archive);
  } finally {
    rmSync(directory, { recursive: true, force: true });
    rmSync(unfinished, { force: true });
  }
}

/** Output is shown only when the command fails. */
function run(name: string, args: readonly string[]): void {
  const { status, stdout, stderr } = spawnSync(name, args, { encoding: 'utf8' });
  if (status === 0) return;
  process.stderr.write(`${stdout}${stderr}`);
  throw new Error(`${name} failed`);
}
