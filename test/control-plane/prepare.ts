// Makes sure that the control plane's binaries are there, so that what follows starts at once. Builds them if need be.
// `--controller-manager` asks for kube-controller-manager too.
import { parseArgs } from 'node:util';
import { findBinaries } from './index.ts';

const { values } = parseArgs({ options: { 'controller-manager': { type: 'boolean', default: false } } });
const interrupted = new AbortController();
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, () => interrupted.abort());

try {
  await findBinaries({ log, controllerManager: values['controller-manager'], signal: interrupted.signal });
} catch (error) {
  log(interrupted.signal.aborted ? 'interrupted' : (error as Error).message);
  process.exitCode = 1;
}

function log(line: string): void {
  process.stderr.write(`control-plane: ${line}\n`);
}
