// An interactive shell on a terminal that tests type on, as people do.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { eventually } from '../waiting/eventually.ts';

/** Whether a command is on this machine. */
export function isInstalled(command: string): boolean {
  return spawnSync(command, ['--version']).error === undefined;
}

export interface ShellOptions {
  readonly env: Readonly<Record<string, string>>;
  /** Its prompt, which the shell must be set to as well: typing begins when it appears. */
  readonly prompt: string;
}

const RESULT = 'RESULT ';
const HOME_KEY = '\x01';

export class ShellTerminal {
  readonly #child: ChildProcess;
  readonly #prompt: string;
  #screen = '';

  /** `command` is for the shell of `script`, whose terminal it gets. */
  constructor(command: string, { env, prompt }: ShellOptions) {
    this.#prompt = prompt;
    this.#child = spawn('script', ['-qec', command, '/dev/null'], { env, stdio: ['pipe', 'pipe', 'inherit'] });
    this.#child.stdout?.on('data', (chunk) => {
      this.#screen += chunk;
    });
  }

  /** The line that comes of typing this, tabs and all; instead of running it, the shell is made to echo it. */
  async type(keys: string): Promise<string> {
    await eventually('the prompt', () => this.#screen.includes(this.#prompt));
    this.#screen = '';
    this.#child.stdin?.write(`${keys}${HOME_KEY}echo ${RESULT}\n`);
    const result = () => this.#lines().find((line) => line.startsWith(RESULT));
    const line = await eventually(`the answer to ${JSON.stringify(keys)}`, result);
    return line.slice(RESULT.length);
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#child.once('close', resolve));
    this.#child.stdin?.end('exit\n');
    await closed;
  }

  /** What each line shows at last: a carriage return begins it anew. Complete lines only. */
  #lines(): string[] {
    const lines = this.#screen.split('\n').slice(0, -1);
    return lines.map((line) => line.replace(/\r+$/, '').split('\r').at(-1)?.trimEnd() ?? '');
  }
}
