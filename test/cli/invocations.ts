// Runs of koncli without a process: what goes in is given, what comes out is kept.
import { type Invocation, type OutputStream, runKoncli } from '@konductor/cli';

/** A stream that keeps what is written. */
export class CapturedStream implements OutputStream {
  text = '';
  readonly isTTY: boolean;
  columns: number | undefined;

  constructor(options: { readonly isTTY?: boolean; readonly columns?: number } = {}) {
    this.isTTY = options.isTTY ?? false;
    this.columns = options.columns;
  }

  write(text: string): void {
    this.text += text;
  }
}

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A run in an environment that knows no cluster, which nobody sends signals. */
export function buildInvocation(given: Partial<Invocation> = {}): Invocation {
  return {
    program: 'koncli',
    argv: [],
    env: { HOME: '/nonexistent' },
    stdout: new CapturedStream(),
    stderr: new CapturedStream(),
    signal: new AbortController().signal,
    signals: { takeOver: () => {}, onChildEnd: () => {}, stop: () => {} },
    pid: 4321,
    hostname: 'host-1',
    executable: '/nonexistent/koncli',
    runtime: 'Test 1.0, test/test',
    ...given,
  };
}

/** Runs `koncli` with these arguments, in an environment that knows no cluster. */
export async function koncli(argv: readonly string[], given: Partial<Invocation> = {}): Promise<Outcome> {
  const stdout = new CapturedStream();
  const stderr = new CapturedStream();
  const code = await runKoncli(buildInvocation({ argv, stdout, stderr, ...given }));
  return { code, stdout: stdout.text, stderr: stderr.text };
}
