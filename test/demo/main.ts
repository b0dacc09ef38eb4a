// `npm start`: the demo as a process. `--keep` leaves everything running until Ctrl-C; `--fault` kills one worker.
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { exportLines } from '../control-plane/index.ts';
import { koncliPath } from '../support/processes/executables.ts';
import { runDemo } from './demo.ts';
import type { Narrator } from './narrator.ts';
import type { Stage } from './stage.ts';

const USAGE = 'usage: npm start [-- --keep] [-- --fault]';
const interrupted = new AbortController();
let exitCodeOfSignal = 0;

for (const [name, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const) {
  process.on(name, () => {
    exitCodeOfSignal = code;
    interrupted.abort(name);
  });
}

process.exitCode = await main();

async function main(): Promise<number> {
  const options = readOptions();
  if (!options) return 1;
  try {
    await runDemo({
      signal: interrupted.signal,
      print: (text) => process.stdout.write(text),
      hasFault: options.fault,
      ...(options.keep ? { afterwards: keep } : {}),
    });
    process.stdout.write('\nAll of it happened, and all of it is stopped.\n');
    return 0;
  } catch (error) {
    if (interrupted.signal.aborted) return exitCodeOfSignal;
    process.stderr.write(`\nnpm start failed: ${error instanceof Error ? error.message : error}\n`);
    return 1;
  }
}

function readOptions(): { keep: boolean; fault: boolean } | undefined {
  try {
    const options = { keep: { type: 'boolean', default: false }, fault: { type: 'boolean', default: false } } as const;
    return parseArgs({ options }).values;
  } catch (error) {
    process.stderr.write(`npm start: ${(error as Error).message}\n${USAGE}\n`);
    return undefined;
  }
}

async function keep({ controlPlane }: Stage, narrator: Narrator): Promise<void> {
  narrator.say('');
  narrator.say('It keeps running until Ctrl-C. In another shell:');
  for (const line of exportLines(controlPlane, [dirname(koncliPath())])) narrator.command(line);
  narrator.command('koncli waitgroup create mine --ttl 10m');
  narrator.command('koncli waitgroup add mine --delta 2');
  narrator.command('koncli waitgroup wait mine &');
  narrator.command('koncli waitgroup done mine --delta 2');
  narrator.command('kubectl get waitgroups --watch');
  await new Promise<void>((resolve) => interrupted.signal.addEventListener('abort', () => resolve(), { once: true }));
}
