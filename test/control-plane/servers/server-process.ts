// One server of the control plane as a child process: its log, its readiness, its end.
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Certificates } from '../access/certificates.ts';
import { PortTakenError } from './ports.ts';

const POLL_MS = 50;
const READY_DEADLINE_MS = 60_000;
const STOP_DEADLINE_MS = 10_000;
const SHOWN_LINES = 20;
/** Less garbage collection than Go's default of 100: a fifth of the API server's CPU time for half as much memory again. */
const GO = { GOGC: '300' };

/** What all servers of a control plane are started with. */
export interface ServerOptions {
  readonly path: string;
  /** Where data and logs go: `<name of the command>.log`. */
  readonly directory: string;
  readonly certificates: Certificates;
  readonly signal?: AbortSignal | undefined;
}

export type Command = Pick<ServerOptions, 'path' | 'directory'> & { readonly args: readonly string[] };

/** Returns when the server is ready; stops it otherwise. */
export async function startServer(
  options: ServerOptions,
  args: readonly string[],
  isReady: () => Promise<boolean>,
): Promise<ServerProcess> {
  const server = new ServerProcess({ ...options, args });
  try {
    await server.waitUntil(isReady, options.signal);
  } catch (error) {
    await server.stop();
    throw error;
  }
  return server;
}

export class ServerProcess {
  readonly #name: string;
  readonly #log: string;
  readonly #child: ChildProcess;
  readonly #exited: Promise<void>;
  #ending: string | undefined;

  constructor({ path, args, directory }: Command) {
    this.#name = basename(path);
    this.#log = join(directory, `${this.#name}.log`);
    this.#child = spawnLogged(path, args, this.#log);
    this.#exited = new Promise((resolve) => {
      const end = (how: string) => {
        this.#ending = how;
        resolve();
      };
      this.#child.once('error', (error) => end(error.message));
      this.#child.once('exit', (code, signal) => end(`ended with ${signal ?? `exit code ${code}`}`));
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Returns when the condition holds; throws with the end of the log when the process dies or takes too long. */
  async waitUntil(condition: () => Promise<boolean>, signal?: AbortSignal): Promise<void> {
    const deadline = performance.now() + READY_DEADLINE_MS;
    while (!(await condition())) {
      signal?.throwIfAborted();
      if (this.#ending !== undefined) throw describeFailure(`${this.#name} ${this.#ending}`, this.#log);
      if (performance.now() > deadline) throw describeFailure(`${this.#name} was not ready in time`, this.#log);
      await Promise.race([this.#exited, sleep(POLL_MS)]);
    }
  }

  /** Asks it to end, and ends it when it does not within 10 s. */
  async stop(): Promise<void> {
    if (this.#ending !== undefined) return;
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_DEADLINE_MS);
    await this.#exited;
    clearTimeout(timer);
  }
}

/** In a process group of its own, so that Ctrl-C reaches only the owner, who ends the servers in order. */
function spawnLogged(path: string, args: readonly string[], log: string): ChildProcess {
  const file = openSync(log, 'a');
  try {
    return spawn(path, args, { stdio: ['ignore', file, file], detached: true, env: { ...GO, ...process.env } });
  } finally {
    closeSync(file);
  }
}

function describeFailure(what: string, log: string): Error {
  const tail = readFileSync(log, 'utf8').trimEnd().split('\n').slice(-SHOWN_LINES).join('\n');
  const message = `${what}; the end of its log:\n${tail}`;
  return tail.includes('address already in use') ? new PortTakenError(message) : new Error(message);
}
