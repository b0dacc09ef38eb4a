#!/usr/bin/env node
// The process: arguments, environment, streams, signals and the exit code. Nothing else knows of them.
import { hostname } from 'node:os';
import { FileStream } from './file-stream.ts';
import { runKoncli } from './koncli.ts';
import { COMPLETE, callOf } from './program-name.ts';
import { complainOfNode } from './required-node.ts';
import { Signals } from './signals.ts';

async function main(): Promise<number> {
  const signals = new Signals(process);
  const stdout = new FileStream(1, () => process.stdout);
  const stderr = new FileStream(2, () => process.stderr);
  const complaint = complainOfNode(process.versions);
  if (complaint) {
    stderr.write(`koncli: ${complaint}\n`);
    return 1;
  }
  const { argv, argv0, env } = process;
  // Bun gives the name it was started by in argv0, Node the script's in argv.
  const { program, isCompletion } = callOf([argv0, argv[1]]);
  const code = await runKoncli({
    program,
    argv: [...(isCompletion ? [COMPLETE] : []), ...argv.slice(2)],
    env,
    stdout,
    stderr,
    signal: signals.signal,
    signals,
    pid: process.pid,
    hostname: hostname(),
    executable: process.execPath,
    runtime: runtime(),
  });
  if (!stdout.failure) return code;
  stderr.write(`koncli: the output cannot be written: ${stdout.failure.message}\n`);
  return code || 1;
}

function runtime(): string {
  const { bun, node } = process.versions;
  return `${bun ? `Bun ${bun}` : `Node ${node}`}, ${process.platform}/${process.arch}`;
}

main().then((code) => process.exit(code));
