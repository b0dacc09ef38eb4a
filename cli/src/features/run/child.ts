// The command as a child process, with koncli's stdin, stdout and stderr, in koncli's process group.
import { spawn } from 'node:child_process';
import type { Environment } from '../../arguments/invocation.ts';
import type { SignalName } from '../../process/signals.ts';
import type { ChildEnd } from './child-end.ts';
import type { Executable } from './executable.ts';

/** A running process. */
export interface Child {
  readonly pid: number;
  /** Resolves when the process itself has ended, even if others still hold its output open. */
  readonly ended: Promise<ChildEnd>;
  /** Does nothing after the end. */
  kill(name: SignalName): void;
}

interface StartOptions {
  readonly env: Environment;
  readonly stdio: (number | 'ignore')[];
}

/** The part of Bun's API that this file uses. */
interface BunRuntime {
  spawn(
    command: readonly string[],
    options: StartOptions & {
      readonly argv0: string;
      readonly onExit: (child: unknown, code: number | null, signal: string | number | null) => void;
    },
  ): { readonly pid: number; kill(name: SignalName): void };
}

/** Rejects with the system's error when the process cannot be started. `descriptors`: those beyond stdin, stdout and stderr. */
export function startChild(command: Executable, env: Environment, descriptors: readonly number[]): Promise<Child> {
  const { Bun } = globalThis as { Bun?: BunRuntime };
  const inherited = [0, 1, 2, ...descriptors];
  const stdio = Array.from({ length: Math.max(...inherited) + 1 }, (_, descriptor) =>
    inherited.includes(descriptor) ? descriptor : ('ignore' as const),
  );
  return Bun ? startOnBun(Bun, command, { env, stdio }) : startOnNode(command, { env, stdio });
}

/** node:child_process would report success for a command that was killed by a real-time signal. */
async function startOnBun(bun: BunRuntime, { file, name, args }: Executable, options: StartOptions): Promise<Child> {
  const { promise: ended, resolve } = Promise.withResolvers<ChildEnd>();
  const child = bun.spawn([file, ...args], {
    ...options,
    argv0: name,
    onExit: (_, code, signal) => resolve({ code: code ?? 1, signal: signal ?? undefined }),
  });
  return { pid: child.pid, ended, kill: (signal) => child.kill(signal) };
}

function startOnNode({ file, name, args }: Executable, options: StartOptions): Promise<Child> {
  const child = spawn(file, args, { ...options, argv0: name });
  const ended = new Promise<ChildEnd>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code: code ?? 1, signal: signal ?? undefined }));
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('spawn', () => resolve({ pid: child.pid ?? 0, ended, kill: (signal) => void child.kill(signal) }));
  });
}
