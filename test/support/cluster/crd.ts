// Installs CRDs, and waits until the API server serves their kinds.
import { join } from 'node:path';
import { type KubectlAccess, kubectl, kubectlOutput } from '../processes/kubectl.ts';
import { eventually } from '../waiting/eventually.ts';

/** Those of WaitGroups and their workers. */
export const CRD = join(import.meta.dirname, '../../../cdk8s/manifests/crd.yaml');

/** With more flags for `kubectl apply` where there are any. */
export async function installCrd(access: KubectlAccess, ...flags: string[]): Promise<void> {
  await kubectlOutput(access, ['apply', '--server-side', ...flags, '-f', CRD]);
  await areServed(access, 'waitgroups,waitgroupworkers');
}

/** An API server serves kinds, and lists them in discovery, a moment after their CRDs are Established. */
export async function areServed(access: KubectlAccess, kinds: string): Promise<void> {
  const canBeListed = async () => (await kubectl(access, ['get', kinds, '-A', '-o', 'name'])).code === 0;
  await eventually(`the serving of ${kinds}`, canBeListed, { timeoutMs: 60_000 });
}
