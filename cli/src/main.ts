#!/usr/bin/env node
// The process: arguments, environment, streams, signals and the exit code. No other file reads or changes them.
import { hostname } from 'node:os';
import { COMPLETE, callOf } from './arguments/program-name.ts';
import { FileStream } from './process/file-stream.ts';
import { checkNodeVersion } from './process/required-node.ts';
import { Signals } from './process/signals.ts';

const { argv, argv0, versions, platform, arch } = process;

async function main(): Promise<number> {
  const signals = new Signals(process);
  const problem = checkNodeVersion(versions);
  if (problem) {
    console.error(`koncli: ${problem}`);
    return 1;
  }
  // Bun passes the name of the executable in argv0, Node the path of the script in argv.
  const { program, isCompletion } = callOf([argv0, argv[1]]);
  // Its dependencies do not load on an older Node.
  const { runKoncli } = await import('./koncli.ts');
  return runKoncli({
    program,
    argv: [...(isCompletion ? [COMPLETE] : []), ...argv.slice(2)],
    env: process.env,
    stdout: new FileStream(1, () => process.stdout),
    stderr: new FileStream(2, () => process.stderr),
    signal: signals.signal,
    signals,
    pid: process.pid,
    hostname: hostname(),
    executable: process.execPath,
    runtime: `${versions.bun ? `Bun ${versions.bun}` : `Node ${versions.node}`}, ${platform}/${arch}`,
  });
}

main().then((code) => process.exit(code));
