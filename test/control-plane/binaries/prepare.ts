// Ensures that the control plane's binaries exist, so that the next steps start at once. Builds them if necessary.
// `--controller-manager` asks for kube-controller-manager too, `--helm` for helm, `--gitops` for the
// health checks of GitOps tools, `--kwok` for kwok.
import { parseArgs } from 'node:util';
import { findBinaries, findGitops, findHelm, findKwok } from '../index.ts';

const flag = { type: 'boolean', default: false } as const;
const { values } = parseArgs({ options: { 'controller-manager': flag, helm: flag, gitops: flag, kwok: flag } });
const interrupted = new AbortController();
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, () => interrupted.abort());

try {
  const { signal } = interrupted;
  await findBinaries({ log, controllerManager: values['controller-manager'], signal });
  if (values.helm) await findHelm({ log, signal });
  if (values.gitops) await findGitops({ log, signal });
  if (values.kwok) await findKwok({ log, signal });
} catch (error) {
  log(interrupted.signal.aborted ? 'interrupted' : (error as Error).message);
  process.exitCode = 1;
}

function log(line: string): void {
  process.stderr.write(`control-plane: ${line}\n`);
}
