#!/usr/bin/env node
// The process: arguments, environment, streams, signals and the exit code. Nothing else knows of them.
import { hostname } from 'node:os';
import { compiledHelp } from './arguments/compiled-help.ts';
import { COMPLETE, callOf } from './arguments/program-name.ts';
import { FileStream, mayBeTerminal } from './process/file-stream.ts';
import { complainOfNode } from './process/required-node.ts';
import { Signals } from './process/signals.ts';

const stdout = new FileStream(1, () => (mayBeTerminal(1) ? process.stdout : {}));
const stderr = new FileStream(2, () => (mayBeTerminal(2) ? process.stderr : {}));

/** Help is at hand before anything else is set up. */
async function main(): Promise<number> {
  const { argv, argv0 } = process;
  // Bun gives the name it was started by in argv0, Node the script's in argv.
  const { program, isCompletion } = callOf([argv0, argv[1]]);
  const given = [...(isCompletion ? [COMPLETE] : []), ...argv.slice(2)];
  const help = compiledHelp({ program, argv: given, stdout });
  const code = help === undefined ? await run(program, given) : print(help);
  if (!stdout.failure) return code;
  stderr.write(`koncli: the output cannot be written: ${stdout.failure.message}\n`);
  return stdout.isNeeded ? code || 1 : code;
}

function print(text: string): number {
  stdout.write(text);
  return 0;
}

async function run(program: string, argv: readonly string[]): Promise<number> {
  const signals = new Signals(process);
  const complaint = complainOfNode(process.versions);
  if (complaint) {
    stderr.write(`koncli: ${complaint}\n`);
    return 1;
  }
  const { runKoncli } = await import('./koncli.ts');
  return runKoncli({
    program,
    argv,
    env: process.env,
    stdout,
    stderr,
    signal: signals.signal,
    signals,
    pid: process.pid,
    hostname: hostname(),
    executable: process.execPath,
    runtime: runtime(),
  });
}

function runtime(): string {
  const { bun, node } = process.versions;
  return `${bun ? `Bun ${bun}` : `Node ${node}`}, ${process.platform}/${process.arch}`;
}

main().then((code) => process.exit(code));
