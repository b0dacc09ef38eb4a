// The ServiceMonitor and the PrometheusRule as the Prometheus operator defines them, from its Go module.
import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type KubectlAccess, kubectlOutput } from './kubectl.ts';

const MODULE = 'github.com/prometheus-operator/prometheus-operator@v0.92.1';
const SUM = 'h1:rHWuFo6SVya4FBSCNg2DCzyc4xAv54zk3eDTzp5mQZc=';
const FILES = ['servicemonitors', 'prometheusrules'].map((name) => `monitoring.coreos.com_${name}.yaml`);

/** Four megabytes, the first time. */
export async function installPrometheusCrds(access: KubectlAccess): Promise<void> {
  const files = (await prometheusCrds()).flatMap((file) => ['-f', file]);
  await kubectlOutput(access, ['apply', '--server-side', ...files]);
  await kubectlOutput(access, ['wait', '--for=condition=Established', '--timeout=30s', ...files]);
}

/** Paths of the two manifests. */
export async function prometheusCrds(): Promise<string[]> {
  // Where no go.mod is, so that nobody else's versions matter.
  const { stdout } = await promisify(execFile)('go', ['mod', 'download', '-json', MODULE], { cwd: tmpdir() });
  const { Dir, Sum }: { Dir: string; Sum: string } = JSON.parse(stdout);
  if (Sum !== SUM) throw new Error(`${MODULE} has the checksum ${Sum} in place of ${SUM}`);
  return FILES.map((file) => join(Dir, 'example/prometheus-operator-crd', file));
}
