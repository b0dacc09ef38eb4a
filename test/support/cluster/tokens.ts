// Kubeconfigs that hold a service account's token and nothing else, so that a test acts with that account's permissions only.
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type KubeObject, resourcePath } from '@konductor/client';
import { type ControlPlaneAccess, writeKubeconfig } from '../../control-plane/index.ts';
import { administratorRequest, applyObject } from './administrator.ts';

export type TokenAccess = Pick<ControlPlaneAccess, 'kubeconfig' | 'directory' | 'server' | 'certificateAuthority'>;

export interface ServiceAccountToken {
  readonly namespace: string;
  /** Created when it is absent. */
  readonly serviceAccount: string;
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
  const { namespace, serviceAccount, boundPod, boundSecret } = options;
  const account = { apiVersion: 'v1', resource: 'serviceaccounts', namespace, name: serviceAccount };
  // It may be there already: created by a manifest under test, or for another token.
  await applyObject(access, account, { kind: 'ServiceAccount' });
  const boundObjectRef =
    (boundPod && (await reference(access, { namespace, kind: 'Pod', name: boundPod }))) ||
    (boundSecret && (await reference(access, { namespace, kind: 'Secret', name: boundSecret })));
  const body = {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: { expirationSeconds: 3600, ...(boundObjectRef && { boundObjectRef }) },
  };
  const path = `${resourcePath(account)}/token`;
  const { status } = await administratorRequest<TokenRequest>(access, { method: 'POST', path, body });
  return status.token;
}

interface TokenRequest {
  readonly status: { readonly token: string };
}

interface BoundObject {
  readonly namespace: string;
  readonly kind: 'Pod' | 'Secret';
  readonly name: string;
}

async function reference(access: TokenAccess, { namespace, kind, name }: BoundObject) {
  const path = resourcePath({ apiVersion: 'v1', resource: `${kind.toLowerCase()}s`, namespace, name });
  const { metadata } = await administratorRequest<KubeObject>(access, { method: 'GET', path });
  return { apiVersion: 'v1', kind, name, uid: metadata.uid };
}
