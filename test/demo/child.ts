// Child processes of the demo: their exit codes, and their cleanup together with their own children.
import { type StdioOptions, spawn } from 'node:child_process';

export interface ChildOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly stdio: StdioOptions;
  /** Ends it with SIGTERM. */
  readonly signal: AbortSignal;
  /** Sees to its end when this process is killed. */
  readonly adopt: (pid: number) => void;
}

export interface Child {
  /** The exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  /** Reaches its children too. */
  kill(signal: NodeJS.Signals): void;
}

export function startChild(command: string, args: readonly string[], options: ChildOptions): Child {
  const { env, stdio, signal, adopt } = options;
  // A process group of its own: the sleep of a shell that is killed would outlive it.
  const child = spawn(command, args, { env, stdio, detached: true });
  if (child.pid !== undefined) adopt(child.pid);
  const kill = (name: NodeJS.Signals) => {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) process.kill(-child.pid, name);
  };
  const terminate = () => kill('SIGTERM');
  signal.addEventListener('abort', terminate, { once: true });
  if (signal.aborted) terminate();
  const ended = new Promise<number | NodeJS.Signals>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, by) => resolve(code ?? by ?? -1));
  }).finally(() => signal.removeEventListener('abort', terminate));
  return { ended, kill };
}
