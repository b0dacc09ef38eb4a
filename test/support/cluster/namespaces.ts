// Gives every test a namespace of its own.
import { randomBytes } from 'node:crypto';
import { type KubectlAccess, kubectlOutput } from '../processes/kubectl.ts';

/** Creates `<prefix>-<random>` and returns its name; the labels may set a Pod Security Standard. */
export async function createNamespace(
  access: KubectlAccess,
  prefix: string,
  labels: Readonly<Record<string, string>> = {},
): Promise<string> {
  const name = `${prefix}-${randomBytes(4).toString('hex')}`;
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
  await kubectlOutput(access, ['create', '-f', '-'], { input: JSON.stringify(namespace) });
  return name;
}
