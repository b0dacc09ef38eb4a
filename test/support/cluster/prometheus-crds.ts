// The ServiceMonitor and the PrometheusRule as the Prometheus operator defines them, from its Go module.
import { join } from 'node:path';
import { goModuleFolder } from '../../control-plane/index.ts';
import { type KubectlAccess, kubectlOutput } from '../processes/kubectl.ts';
import { areServed } from './crd.ts';

const MODULE = 'github.com/prometheus-operator/prometheus-operator@v0.92.1';
const SUM = 'h1:rHWuFo6SVya4FBSCNg2DCzyc4xAv54zk3eDTzp5mQZc=';
const FILES = ['servicemonitors', 'prometheusrules'].map((name) => `monitoring.coreos.com_${name}.yaml`);

/** Four megabytes, the first time. */
export async function installPrometheusCrds(access: KubectlAccess): Promise<void> {
  const files = (await prometheusCrds()).flatMap((file) => ['-f', file]);
  await kubectlOutput(access, ['apply', '--server-side', ...files]);
  await areServed(access, 'servicemonitors,prometheusrules');
}

/** Paths of the two manifests. */
export async function prometheusCrds(): Promise<string[]> {
  const folder = await goModuleFolder(MODULE, SUM);
  return FILES.map((file) => join(folder, 'example/prometheus-operator-crd', file));
}
