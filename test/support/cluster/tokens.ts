// Kubeconfigs that hold a service account's token and nothing else, so that a test acts with that account's rights only.
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ControlPlaneAccess, writeKubeconfig } from '../../control-plane/index.ts';
import { kubectlOutput } from '../processes/kubectl.ts';

export type TokenAccess = Pick<
  ControlPlaneAccess,
  'kubectl' | 'kubeconfig' | 'directory' | 'server' | 'certificateAuthority'
>;

export interface ServiceAccountToken {
  readonly namespace: string;
  /** Created when it is absent. */
  readonly serviceAccount: string;
  /** A Go duration of at least 10m, which is what the API server insists on; absent: 1h. */
  readonly duration?: string;
  /** An existing Pod that runs under this account: the token's claims, and so the requester's `extra`, name it. */
  readonly boundPod?: string;
  /** An existing Secret: the token is worth nothing any more as soon as that is deleted. */
  readonly boundSecret?: string;
}

/** The path of a kubeconfig whose context has the account's namespace. */
export async function serviceAccountKubeconfig(access: TokenAccess, options: ServiceAccountToken): Promise<string> {
  const { namespace, serviceAccount } = options;
  const token = await createToken(access, options);
  const path = join(access.directory, `${namespace}-${serviceAccount}-${randomBytes(4).toString('hex')}.kubeconfig`);
  const authority = readFileSync(access.certificateAuthority, 'utf8');
  return writeKubeconfig(path, { server: access.server, authority, credentials: { token }, namespace });
}

/** The bare token, for tests that send it themselves. */
export async function createToken(access: TokenAccess, options: ServiceAccountToken): Promise<string> {
  const { namespace, serviceAccount, duration = '1h', boundPod, boundSecret } = options;
  await ensureServiceAccount(access, namespace, serviceAccount);
  const binding = [
    ...(boundPod === undefined ? [] : await bindingFlags(access, namespace, ['Pod', boundPod])),
    ...(boundSecret === undefined ? [] : await bindingFlags(access, namespace, ['Secret', boundSecret])),
  ];
  const args = ['create', 'token', serviceAccount, '-n', namespace, `--duration=${duration}`, ...binding];
  return (await kubectlOutput(access, args)).trim();
}

/** Applied, because it may be there already: by a manifest under test, or for another token. */
async function ensureServiceAccount(access: TokenAccess, namespace: string, name: string): Promise<void> {
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } };
  await kubectlOutput(access, ['apply', '--server-side', '-f', '-'], { input: JSON.stringify(account) });
}

async function bindingFlags(
  access: TokenAccess,
  namespace: string,
  [kind, name]: readonly ['Pod' | 'Secret', string],
): Promise<string[]> {
  const uid = await kubectlOutput(access, ['get', kind, name, '-n', namespace, '-o', 'jsonpath={.metadata.uid}']);
  return [`--bound-object-kind=${kind}`, `--bound-object-name=${name}`, `--bound-object-uid=${uid}`];
}
