// The compiled operator as a process of its own, on free ports of loopback.
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { eventually } from '../waiting/eventually.ts';
import { operatorPath } from './executables.ts';

export interface StartOperatorOptions {
  /** A kubeconfig that contains only a token, whose permissions the operator has. */
  readonly kubeconfig: string;
  readonly args?: readonly string[];
  /** What starts it; absent: the compiled executable. */
  readonly command?: readonly string[];
  /** Beside the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** For it to become ready; 60,000 unless said otherwise. */
  readonly readyMs?: number;
}

/** One line of its JSON log. */
export interface LogLine {
  readonly level: string;
  readonly msg: string;
  readonly [field: string]: unknown;
}

export interface OperatorProcess {
  readonly pid: number;
  readonly log: readonly LogLine[];
  /** `host:port`, once it serves. */
  readonly probesAddress: string;
  readonly metricsAddress: string;
  readonly hasEnded: boolean;
  /** Resolves with the exit code when it ends, -1 for a signal. */
  readonly exited: Promise<number>;
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number>;
}

const LOOPBACK = ['--metrics-bind-address=127.0.0.1:0', '--health-probe-bind-address=127.0.0.1:0'];

/** Resolves when it is ready: its cache is complete. */
export async function startOperator(options: StartOperatorOptions): Promise<OperatorProcess> {
  const operator = spawnOperator(options);
  try {
    const what = 'the operator’s readiness';
    const timeoutMs = options.readyMs ?? 60_000;
    await eventually(what, async () => operator.hasEnded || (await isReady(operator)), { timeoutMs });
    if (operator.hasEnded) throw new Error(`the operator ended with ${await operator.exited} before it was ready`);
    return operator;
  } catch (error) {
    await operator.stop();
    throw error;
  }
}

/** Resolves when it serves its probes, whether it is ready or not. */
export async function startOperatorUnready(options: StartOperatorOptions): Promise<OperatorProcess> {
  const operator = spawnOperator(options);
  await eventually('the operator’s serving', () => operator.probesAddress !== '');
  return operator;
}

/** The response of `/readyz`. */
export async function isReady({ probesAddress }: OperatorProcess): Promise<boolean> {
  return probesAddress !== '' && (await fetch(`http://${probesAddress}/readyz`)).ok;
}

/** The response of `/metrics`. */
export async function metricsOf({ metricsAddress }: OperatorProcess): Promise<string> {
  return (await fetch(`http://${metricsAddress}/metrics`)).text();
}

function spawnOperator(options: StartOperatorOptions): OperatorProcess {
  const { kubeconfig, args = [], command = [operatorPath()] } = options;
  const env = { ...process.env, ...options.env, KUBECONFIG: kubeconfig };
  const [file = '', ...first] = command;
  const child = spawn(file, [...first, ...LOOPBACK, ...args], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const log: LogLine[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => log.push(JSON.parse(line)));
  const addressOf = (msg: string) => String(log.find((line) => line.msg === msg)?.address ?? '');
  const exited = exitCode(child);
  return {
    pid: child.pid ?? -1,
    log,
    get probesAddress() {
      return addressOf('serving health probes');
    },
    get metricsAddress() {
      return addressOf('serving metrics');
    },
    get hasEnded() {
      return child.exitCode !== null || child.signalCode !== null;
    },
    exited,
    stop() {
      child.kill('SIGTERM');
      return exited;
    },
  };
}

function exitCode(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? -1));
  });
}
