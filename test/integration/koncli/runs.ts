// Runs of `koncli waitgroup run`, in a namespace of their own, of commands that find a folder of their own.
import { type SpawnOptions, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { WaitGroup } from '@konductor/schema';
import type { ControlPlaneAccess } from '../../control-plane/index.ts';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import { koncliPath } from '../../support/processes/executables.ts';
import { koncli } from '../../support/processes/koncli-process.ts';

export const PATH = process.env.PATH ?? '';
/** Of a group whose one piece of work is done. */
export const COUNTED = { counter: 0, added: 1, completions: 1 };
/** Of one whose work is not. */
export const STAYS = { counter: 1, added: 1 };

export interface StartOptions extends SpawnOptions {
  /** koncli's executable, or what else is koncli. */
  readonly program?: readonly string[];
}

export class KoncliRuns {
  readonly namespace: string;
  readonly folder: string;
  readonly #access: ControlPlaneAccess;
  #made = 0;

  private constructor(access: ControlPlaneAccess, namespace: string) {
    this.#access = access;
    this.namespace = namespace;
    this.folder = mkdtempSync(join(access.directory, 'run-'));
  }

  /** With a group `batch`, for commands whose count does not matter. */
  static async create(access: ControlPlaneAccess): Promise<KoncliRuns> {
    const runs = new KoncliRuns(access, await createNamespace(access, 'run'));
    await runs.koncli('create', 'batch', '--initial-count', '100');
    return runs;
  }

  /** Another verb on the same groups. */
  koncli(verb: string, ...args: readonly string[]) {
    return koncli(['wg', verb, ...args, '-n', this.namespace], this.#access);
  }

  /** The name of a new group. */
  async newGroup(): Promise<string> {
    const name = `batch-${++this.#made}`;
    await this.koncli('create', name);
    return name;
  }

  /** What koncli is started with. */
  get env() {
    return { PATH, KUBECONFIG: this.#access.kubeconfig, KONDUCTOR_NAMESPACE: this.namespace };
  }

  /** `koncli waitgroup run` with these arguments. */
  start(args: readonly string[], { env, program = [koncliPath()], ...options }: StartOptions = {}) {
    const [file = '', ...before] = program;
    const child = spawn(file, [...before, 'wg', 'run', ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      ...options,
      env: { ...this.env, ...env },
    });
    const exit = new Promise<number | NodeJS.Signals | null>((resolve) => {
      child.once('exit', (code, signal) => resolve(code ?? signal));
    });
    return { child, exit };
  }

  async run(args: readonly string[], options?: StartOptions) {
    const { child, exit } = this.start(args, options);
    const read = async (stream: Readable | null) => (stream ? text(stream) : '');
    const [stdout, stderr, code] = await Promise.all([read(child.stdout), read(child.stderr), exit]);
    return { stdout, stderr, code };
  }

  async statusOf(group: string): Promise<Partial<WaitGroup['status']>> {
    const { stdout } = await this.koncli('get', group, '-o', 'json');
    return JSON.parse(stdout).status ?? {};
  }

  writeScript(name: string, content: string, mode = 0o755): string {
    const path = this.fileAt(name);
    writeFileSync(path, content);
    chmodSync(path, mode);
    return path;
  }

  fileAt(name: string): string {
    return join(this.folder, name);
  }

  isThere(name: string): boolean {
    return existsSync(this.fileAt(name));
  }
}
