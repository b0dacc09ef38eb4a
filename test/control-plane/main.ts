// `npm run control-plane [-- --controller-manager]`: a control plane to use by hand, until Ctrl-C.
// stdout is for the shell to evaluate; everything else goes to stderr.
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { exportLines } from './access/exports.ts';
import { type ControlPlane, startControlPlane } from './index.ts';

const INTERRUPTED = 130;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

const options = readOptions();
process.exitCode = options ? await runUntilSignal(options['controller-manager']) : 1;

function readOptions() {
  try {
    return parseArgs({ options: { 'controller-manager': { type: 'boolean', default: false } } }).values;
  } catch (error) {
    log(`${(error as Error).message}; usage: npm run control-plane [-- --controller-manager]`);
    return undefined;
  }
}

async function runUntilSignal(controllerManager: boolean): Promise<number> {
  const interruption = new AbortController();
  const { signal } = interruption;
  // Never removed: npm passes on a Ctrl-C that the terminal has sent already, and the second must not cut the stop short.
  for (const name of SIGNALS) process.on(name, () => interruption.abort());
  const controlPlane = await start(controllerManager, signal);
  if (controlPlane === undefined) return signal.aborted ? INTERRUPTED : 1;
  for (const line of exportLines(controlPlane)) process.stdout.write(`${line}\n`);
  log(`ready; its logs and its audit.log are in ${controlPlane.directory}; Ctrl-C stops it`);
  if (!signal.aborted) await once(signal, 'abort');
  log('stopping');
  await controlPlane.stop();
  return 0;
}

async function start(controllerManager: boolean, signal: AbortSignal): Promise<ControlPlane | undefined> {
  log('starting');
  try {
    return await startControlPlane({ controllerManager, log, signal });
  } catch (error) {
    log(signal.aborted ? 'interrupted' : (error as Error).message);
    return undefined;
  }
}

function log(line: string): void {
  process.stderr.write(`control-plane: ${line}\n`);
}
